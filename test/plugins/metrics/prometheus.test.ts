import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Program } from '../../e2e/support/program.ts'
import { temporaryFolder } from '../../harness/index.ts'
import { startMetrics } from './scrape.ts'

interface Answer {
  readonly data: { readonly result: { readonly metric: Record<string, string>; readonly value: [number, string] }[] }
}

test('a real Prometheus scrapes it and answers queries', async () => {
  await using measured = await startMetrics('in the daemon', '[watcher:web]\ncmd = sleep 60\nnumprocesses = 2')
  const { host } = new URL(measured.url)
  using folder = temporaryFolder({
    'prometheus.yml': `global: {scrape_interval: 200ms, scrape_timeout: 200ms}
scrape_configs: [{job_name: circusd, static_configs: [{targets: ['${host}']}]}]`,
  })
  await using prometheus = new Program('prometheus', [
    `--config.file=${folder.path('prometheus.yml')}`,
    `--storage.tsdb.path=${folder.path('data')}`,
    '--web.listen-address=127.0.0.1:0',
  ])
  const [, address] = await prometheus.line(/msg="Listening on" address=(\S+)/)
  const query = async (text: string) => {
    const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(text)}`)
    return response.ok ? ((await response.json()) as Answer).data.result : []
  }

  const missing = 'circusd_watcher_processes_wanted - circusd_watcher_processes'
  const until = async (text: string, holds: (value: number) => boolean) => {
    for (;;) {
      const [found] = await query(text)
      if (found && holds(Number(found.value[1]))) return found.metric
      await sleep(20)
    }
  }

  assert.equal((await until(`${missing} == 0`, () => true))['watcher'], 'web')
  await until('histogram_quantile(0.5, circusd_event_loop_delay_seconds_bucket)', (value) => value >= 0)
  await until('up{job="circusd"}', (value) => value === 1)
})
