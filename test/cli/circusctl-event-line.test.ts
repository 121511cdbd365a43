import assert from 'node:assert/strict'
import test from 'node:test'
import { EventTeller } from '../../cli/circusctl/event-line.ts'

function told(...events: [topic: string, payload?: object][]): string[] {
  const teller = new EventTeller()
  return events.map(([topic, payload = {}]) => {
    const [watcher = '', event = ''] = [
      topic.slice(topic.indexOf('.') + 1, topic.lastIndexOf('.')),
      topic.split('.').at(-1),
    ]
    const { source, text } = teller.tell({ topic, watcher, event, payload: { ...payload, time: 1 }, time: 1 })
    return `${source}: ${text}`
  })
}

test('every event is put into words', () => {
  assert.deepEqual(
    told(
      ['watcher.web.spawn', { process_pid: 4 }],
      ['watcher.web.kill', { process_pid: 4 }],
      ['watcher.web.reap', { process_pid: 4, exit_code: -9 }],
      ['watcher.web.reap', { process_pid: 5, exit_code: 3 }],
      ['watcher.web.reap', { process_pid: 6, exit_code: null }],
      ['watcher.web.start'],
      ['watcher.web.reload_failed', { reason: 'no' }],
      ['watcher.web.hook_failure', { name: 'before_start', error: 'no' }],
      ['plugin.flapping.failure', { what: 'reap', error: 'oh', failures: 1 }],
      ['watcher.a.b.news', { level: 'high' }],
      ['elsewhere.x.y', { a: 1 }],
    ),
    [
      'web: process 4 started',
      'web: process 4 was told to stop',
      'web: process 4 ended: killed by SIGKILL',
      'web: process 5 ended: exit code 3',
      'web: process 6 ended: nobody can tell how',
      'web: started',
      'web: reload failed: no',
      'web: hook before_start failed: no',
      'plugin flapping: failed in reap: oh',
      'a.b: news level="high"',
      'elsewhere.x: y a=1',
    ],
  )
})

test('an end that nobody asked for stands out', () => {
  const teller = new EventTeller()
  const style = (event: string, payload: object) =>
    teller.tell({ topic: `watcher.web.${event}`, watcher: 'web', event, payload: { ...payload }, time: 1 }).style
  style('kill', { process_pid: 4 })

  assert.equal(style('reap', { process_pid: 4, exit_code: -15 }), undefined)
  assert.equal(style('reap', { process_pid: 4, exit_code: -15 }), 'red')
  assert.equal(style('reap', { process_pid: 5, exit_code: 0 }), undefined)
})
