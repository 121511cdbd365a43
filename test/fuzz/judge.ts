import type { FuzzReport } from './fuzz.ts'

/** Of one median question, when nothing else is asked: machines are noisy, but not that noisy. */
const answerMs = 10
/** V8 takes and gives back its memory when it likes. */
const memoryAllowanceMegabytes = 25

/** What is not as it should be. */
export function judge({ bad, wrong, after, descriptors: [before, now], rssMegabytes, log }: FuzzReport): string[] {
  const [, warm, end] = rssMegabytes
  const failures = log.split('\n').filter((line) => /^.{0,60}(critical|CRITICAL)|internal failure|TypeError/.test(line))
  return [
    ...bad.map((reply) => `a reply that must not be: ${reply}`),
    ...wrong,
    ...failures.slice(0, 20).map((line) => `in the log: ${line.slice(0, 300)}`),
    ...(after.p50 > answerMs ? [`an answer takes ${after.p50} ms afterwards`] : []),
    ...(now > before ? [`${before} descriptors have become ${now}`] : []),
    ...(end - warm > memoryAllowanceMegabytes ? [`memory grew from ${warm} MB after a fifth to ${end} MB`] : []),
  ]
}

/** What happened, for people. */
export function summarize({
  requests,
  seconds,
  replies,
  during,
  after,
  descriptors,
  rssMegabytes,
}: FuzzReport): string {
  const latency = ({ p50, p99, max }: FuzzReport['after']) => [p50, p99, max].map((ms) => ms.toFixed(2)).join(' / ')
  return [
    `${requests} requests in ${seconds.toFixed(1)} s, ${(requests / seconds).toFixed(0)} a second`,
    `replies: ${Object.entries(replies)
      .sort(([, a], [, b]) => b - a)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ')}`,
    `numwatchers, p50 / p99 / max ms: ${latency(during)} meanwhile, ${latency(after)} afterwards`,
    `descriptors ${descriptors.join(' → ')}, RSS ${rssMegabytes.map((size) => size.toFixed(1)).join(' → ')} MB (before, after a fifth, after)`,
  ].join('\n')
}
