import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check } from '../../../core/schema.ts'
import { parseBytes } from '../../../plugins/lib/memory.ts'
import { type Figures, findingsOf } from '../../../plugins/resource-watcher/findings.ts'
import { type Limits, options } from '../../../plugins/resource-watcher/options.ts'
import { Streaks } from '../../../plugins/resource-watcher/streaks.ts'

async function limits(given: Record<string, string> = {}): Promise<Limits> {
  const result = await check(options, { watcher: 'web', ...given })
  if ('issues' in result) throw new Error(JSON.stringify(result.issues))
  return result.value
}

const process = (figures: Partial<Figures> = {}): Figures => ({ pid: 7, cpu: 10, mem: 10, bytes: 1000, ...figures })

test('the limits of the original hold when none are set', async () => {
  const kinds = async (figures: Partial<Figures>) =>
    findingsOf([process(), process(figures)], await limits()).map(({ kind }) => kind)
  assert.deepEqual(await kinds({ cpu: 90, mem: 59 }), [])
  assert.deepEqual(await kinds({ cpu: 91 }), ['over_cpu'])
  assert.deepEqual(await kinds({ mem: 91 }), ['over_memory'])
  assert.deepEqual(await kinds({ cpu: 90, mem: 61 }), ['over_health'])
  assert.deepEqual(await kinds({ cpu: 0, mem: 0, bytes: 0 }), [])
})

test('memory is limited in percent, or in bytes where a unit says so, below as above', async () => {
  const found = async (given: Record<string, string>) =>
    findingsOf([process({ mem: 10, bytes: 2 * 1024 ** 2 })], await limits(given)).map(({ words }) => words)
  assert.deepEqual(await found({ max_mem: '9.5' }), ['uses 10% of the memory, more than max_mem = 9.5'])
  assert.deepEqual(await found({ max_mem: '9%' }), ['uses 10% of the memory, more than max_mem = 9%'])
  assert.deepEqual(await found({ max_mem: '1.5M' }), ['uses 2M of memory, more than max_mem = 1.5M'])
  assert.deepEqual(await found({ max_mem: '2M' }), [])
  assert.deepEqual(await found({ min_mem: '3M' }), ['uses 2M of memory, not more than min_mem = 3M'])
  assert.deepEqual(await found({ min_mem: '1M' }), [])
  assert.deepEqual(await found({ min_mem: '11' }), ['uses 10% of the memory, not more than min_mem = 11'])
})

test('what cannot be read, and no process at all, passes no limit', async () => {
  const all = await limits({ min_cpu: '0', min_mem: '0', max_mem: '1K' })
  assert.deepEqual(findingsOf([], all), [])
  assert.deepEqual(findingsOf([process({ cpu: undefined, mem: undefined, bytes: undefined })], all), [])
})

test('units are those of the original, powers of 1024', () => {
  const known = { '1B': 1, '2k': 2048, '1.5K': 1536, '200M': 200 * 1024 ** 2, '1 GiB': 1024 ** 3, '1mega': 1024 ** 2 }
  for (const [text, bytes] of Object.entries(known)) assert.equal(parseBytes(text), bytes, text)
  for (const text of ['', '200', 'M', '-1M', '1X', '1.2.3M', '1 M M']) assert.equal(parseBytes(text), undefined, text)
})

test('a limit counts when it is passed more often in a row than allowed, by the same one', async () => {
  const streaks = new Streaks()
  const over = findingsOf([process({ cpu: 99 })], await limits())
  const look = (subject: string, findings = over) => {
    const passed = streaks.count(subject, findings, 1)
    streaks.turn()
    return passed?.times
  }
  assert.deepEqual([look('a'), look('a'), look('a'), look('a')], [undefined, 2, undefined, 2])
  assert.deepEqual([look('a'), look('a', []), look('a')], [undefined, undefined, undefined])
  assert.deepEqual([look('b'), look('a'), look('b')], [undefined, undefined, undefined])
})

test('of a limit that stays passed it is known that it was told', async () => {
  const streaks = new Streaks()
  const over = findingsOf([process({ cpu: 99 })], await limits())
  const look = (findings = over) => {
    const passed = streaks.count('a', findings, 1)
    streaks.turn()
    return passed?.again
  }
  assert.deepEqual([look(), look(), look(), look()], [undefined, false, undefined, true])
  assert.deepEqual([look([]), look(), look()], [undefined, undefined, false])
})

test('wrong options are named, with what to write', async () => {
  for (const [option, value, said] of [
    ['max_mem', 'lots', /'max_mem' must be percent \(20\) or bytes with a unit \(200M\)/],
    ['action', 'explode', /'action' must be restart, restart_process, reload, stop, event or signal:NAME/],
    ['action', 'signal:NONE', /'action' must be a signal/],
    ['max_cpu', '-1', /'max_cpu' must be a number from 0/],
    ['child_signal', 'x', /'child_signal' must be a signal/],
  ] as const) {
    await assert.rejects(limits({ [option]: value }), said)
  }
  await assert.rejects(limits({ max_memory: '1' }), /max_memory.*|there is no such option/)
})
