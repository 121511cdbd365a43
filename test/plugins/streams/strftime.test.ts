import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timeFormat } from '../../../plugins/streams/strftime.ts'

process.env['TZ'] = 'Europe/Berlin'

const evening = Date.parse('2026-03-05T17:04:09.123Z')
const newYear = Date.parse('2026-12-31T23:30:00Z')

test('a moment is written as the C library writes it, in the locale C and the zone of the process', () => {
  const expected: Record<string, string> = {
    '%Y-%m-%d %H:%M:%S': '2026-03-05 18:04:09',
    '%a %A %b %B %h': 'Thu Thursday Mar March Mar',
    '%c': 'Thu Mar  5 18:04:09 2026',
    '%x %X %D %F %T %R %r': '03/05/26 18:04:09 03/05/26 2026-03-05 18:04:09 18:04 06:04:09 PM',
    '%C %y %e|%k|%I|%l|%p %P': '20 26  5|18|06| 6|PM pm',
    '%j %u %w %U %W %V %G %g': '064 4 4 09 09 10 2026 26',
    '%s %f %z %Z': `${Math.floor(evening / 1000)} 123000 +0100 CET`,
    'a%nb%tc%%': 'a\nb\tc%',
    '%-d %_d %-H %3d %^a %#p %#Z %5Y %Ey %Od': '5  5 18 005 THU pm cet 02026 26 05',
    '%Q 100% %': '%Q 100% %',
    'Ä%H': 'Ä18',
    '': '',
  }
  for (const [format, text] of Object.entries(expected)) assert.equal(timeFormat(format)(evening), text, format)
})

test('summer time, the turn of the year and the weeks of ISO 8601 are told apart', () => {
  const clock = timeFormat('%F %T %z %Z %G-W%V %U %W %j')
  assert.equal(clock(Date.parse('2026-03-29T00:59:59Z')), '2026-03-29 01:59:59 +0100 CET 2026-W13 13 12 088')
  assert.equal(clock(Date.parse('2026-03-29T01:00:00Z')), '2026-03-29 03:00:00 +0200 CEST 2026-W13 13 12 088')
  assert.equal(clock(newYear), '2027-01-01 00:30:00 +0100 CET 2026-W53 00 00 001')
  assert.equal(timeFormat('%F %T %z %Z', { utc: true })(newYear), '2026-12-31 23:30:00 +0000 UTC')
})

test('what is remembered of the last second is not told of the next, and fractions are of each moment', () => {
  const seconds = timeFormat('%S')
  assert.deepEqual([evening, evening + 800, evening + 900].map(seconds), ['09', '09', '10'])
  const fractions = timeFormat('%S.%6f')
  assert.deepEqual([evening, evening + 1].map(fractions), ['09.123000', '09.124000'])
})
