import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timetable, type When, whens } from '../../../plugins/streams/file/timetable.ts'
import { timeFormat } from '../../../plugins/streams/strftime.ts'

const local = timeFormat('%a %F %T %Z')

/** The rotations that follow a moment, each with what the old file is called. */
function rotations(
  zone: string,
  from: string,
  [when, interval = 1, utc = false]: [When, number?, boolean?],
  count = 4,
) {
  process.env['TZ'] = zone
  const table = timetable(when, interval, utc)
  const ending = timeFormat(table.ending, { utc })
  const found: string[] = []
  let time = Date.parse(from)
  while (found.length < count) {
    time = table.next(time)
    found.push(`${local(time)} ${ending(table.beginning(time))}`)
  }
  return found
}

test('seconds, minutes, hours and days are counted from the moment on', () => {
  assert.deepEqual(rotations('UTC', '2026-11-23T12:00:01.750Z', ['S', 10], 2), [
    'Mon 2026-11-23 12:00:11 UTC 20261123120001',
    'Mon 2026-11-23 12:00:21 UTC 20261123120011',
  ])
  assert.deepEqual(rotations('UTC', '2026-11-23T12:00:01Z', ['M', 30], 2), [
    'Mon 2026-11-23 12:30:01 UTC 202611231200',
    'Mon 2026-11-23 13:00:01 UTC 202611231230',
  ])
  assert.deepEqual(rotations('UTC', '2026-11-23T23:10:00Z', ['H'], 2), [
    'Tue 2026-11-24 00:10:00 UTC 2026112323',
    'Tue 2026-11-24 01:10:00 UTC 2026112400',
  ])
  assert.deepEqual(rotations('UTC', '2026-11-23T12:00:00Z', ['D', 2], 2), [
    'Wed 2026-11-25 12:00:00 UTC 20261123',
    'Fri 2026-11-27 12:00:00 UTC 20261125',
  ])
})

test('hours go on over the beginning of summer time, and are called what the clock said', () => {
  assert.deepEqual(rotations('Europe/Berlin', '2026-03-29T00:00:00+01:00', ['H']), [
    'Sun 2026-03-29 01:00:00 CET 2026032900',
    'Sun 2026-03-29 03:00:00 CEST 2026032901',
    'Sun 2026-03-29 04:00:00 CEST 2026032903',
    'Sun 2026-03-29 05:00:00 CEST 2026032904',
  ])
})

test('the hour that comes twice at the end of summer time is rotated twice', () => {
  assert.deepEqual(rotations('Europe/Berlin', '2026-10-25T01:00:00+02:00', ['H']), [
    'Sun 2026-10-25 02:00:00 CEST 2026102501',
    'Sun 2026-10-25 02:00:00 CET 2026102502',
    'Sun 2026-10-25 03:00:00 CET 2026102502',
    'Sun 2026-10-25 04:00:00 CET 2026102503',
  ])
})

test('midnight is midnight, also of days of 23 and of 25 hours', () => {
  assert.deepEqual(rotations('Europe/Berlin', '2026-03-27T18:00:00+01:00', ['midnight']), [
    'Sat 2026-03-28 00:00:00 CET 20260327',
    'Sun 2026-03-29 00:00:00 CET 20260328',
    'Mon 2026-03-30 00:00:00 CEST 20260329',
    'Tue 2026-03-31 00:00:00 CEST 20260330',
  ])
  assert.deepEqual(rotations('America/New_York', '2026-10-31T18:00:00-04:00', ['midnight']), [
    'Sun 2026-11-01 00:00:00 EDT 20261031',
    'Mon 2026-11-02 00:00:00 EST 20261101',
    'Tue 2026-11-03 00:00:00 EST 20261102',
    'Wed 2026-11-04 00:00:00 EST 20261103',
  ])
})

test('a day that has no midnight is rotated when it begins', () => {
  assert.deepEqual(rotations('Africa/Cairo', '2026-04-23T12:00:00+02:00', ['midnight'], 2), [
    'Fri 2026-04-24 01:00:00 EEST 20260423',
    'Sat 2026-04-25 00:00:00 EEST 20260424',
  ])
})

test('every third midnight, and the midnight of UTC', () => {
  assert.deepEqual(rotations('Europe/Berlin', '2026-10-24T12:00:00+02:00', ['midnight', 3], 2), [
    'Tue 2026-10-27 00:00:00 CET 20261024',
    'Fri 2026-10-30 00:00:00 CET 20261027',
  ])
  assert.deepEqual(rotations('Europe/Berlin', '2026-03-28T12:00:00Z', ['midnight', 1, true], 2), [
    'Sun 2026-03-29 01:00:00 CET 20260328',
    'Mon 2026-03-30 02:00:00 CEST 20260329',
  ])
})

test('a week ends with its day, whatever day it is now, and over both changes of the clock', () => {
  const ends = (when: When, from: string) => rotations('Europe/Berlin', from, [when], 1)[0]
  assert.equal(ends('W0', '2026-11-22T12:00:00+01:00'), 'Tue 2026-11-24 00:00:00 CET 20261117')
  assert.equal(ends('W0', '2026-11-23T12:00:00+01:00'), 'Tue 2026-11-24 00:00:00 CET 20261117')
  assert.equal(ends('W0', '2026-11-24T12:00:00+01:00'), 'Tue 2026-12-01 00:00:00 CET 20261124')
  assert.equal(ends('W6', '2026-11-24T12:00:00+01:00'), 'Mon 2026-11-30 00:00:00 CET 20261123')
  assert.deepEqual(rotations('Europe/Berlin', '2026-03-25T12:00:00+01:00', ['W6'], 2), [
    'Mon 2026-03-30 00:00:00 CEST 20260323',
    'Mon 2026-04-06 00:00:00 CEST 20260330',
  ])
  assert.deepEqual(rotations('Europe/Berlin', '2026-10-21T12:00:00+02:00', ['W2', 2], 2), [
    'Thu 2026-10-29 00:00:00 CET 20261015',
    'Thu 2026-11-12 00:00:00 CET 20261029',
  ])
})

test('24 hours that end after a change of the clock are called after the day they began on', () => {
  assert.deepEqual(rotations('Europe/Berlin', '2026-10-24T23:30:00+02:00', ['D'], 2), [
    'Sun 2026-10-25 22:30:00 CET 20261024',
    'Mon 2026-10-26 22:30:00 CET 20261025',
  ])
  assert.deepEqual(rotations('Europe/Berlin', '2026-03-28T23:30:00+01:00', ['D'], 2), [
    'Mon 2026-03-30 00:30:00 CEST 20260328',
    'Tue 2026-03-31 00:30:00 CEST 20260330',
  ])
})

test('whatever the unit, the zone and the moment: the next rotation is later, and a period begins before it ends', () => {
  for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Africa/Cairo']) {
    process.env['TZ'] = zone
    for (const when of whens) {
      for (let time = Date.UTC(2026, 0, 1, 0, 7); time < Date.UTC(2027, 0, 1); time += 7_777_777_000) {
        for (const utc of [false, true]) {
          const table = timetable(when, 1, utc)
          const next = table.next(time)
          assert.ok(next > time && table.beginning(next) < next, `${zone} ${when} ${new Date(time).toISOString()}`)
        }
      }
    }
  }
})
