import type { ControlCommand } from './command.ts'
import { type Address, Daemon } from './daemon.ts'
import { exit, failureOf } from './failure.ts'
import { type Output, standardOutput } from './output.ts'
import { performAt } from './perform.ts'
import type { Line } from './read-line.ts'

/** What one of several daemons gave. */
interface Answer {
  readonly texts: string[]
  readonly values: unknown[]
  readonly failure?: string
  readonly code: number
}

/**
 * Carry out one command line at several daemons at the same time. What each answers stands below its endpoint, in the
 * order of the endpoints; as JSON in one object, by endpoint. What streams has its endpoint on each line. Resolves to the
 * worst exit code.
 */
export async function performAtEach(
  addresses: readonly Address[],
  command: ControlCommand,
  line: Line,
): Promise<number> {
  const output = standardOutput(line.flags)
  const answers = addresses.map(async (address) => {
    const { endpoint } = address
    const answer = await answerOf(address, command, line, command.streams ? prefixed(output, endpoint) : undefined)
    if (!command.streams || !answer.failure) return answer
    process.stderr.write(`${endpoint}  ${answer.failure}\n`)
    return answer
  })
  let worst: number = exit.done
  const values: Record<string, unknown> = {}
  for (const [at, { endpoint }] of addresses.entries()) {
    const answer = (await answers[at]) as Answer
    worst = Math.max(worst, answer.code)
    if (command.streams) continue
    values[endpoint] = answer.values.length === 1 ? answer.values[0] : answer.values
    if (line.flags.json) continue
    output.print([`== ${endpoint} ==`, ...answer.texts].join('\n'))
    if (answer.failure) process.stderr.write(`${answer.failure}\n`)
  }
  if (line.flags.json && !command.streams) output.printJson(values)
  return worst
}

async function answerOf(address: Address, command: ControlCommand, line: Line, stream?: Output): Promise<Answer> {
  const texts: string[] = []
  const values: unknown[] = []
  const output = stream ?? {
    print: (text: string) => void texts.push(text),
    printJson: (value: unknown) => void values.push(value),
    terminal: standardOutput(line.flags).terminal,
  }
  try {
    await using daemon = new Daemon(address)
    return { texts, values, code: await performAt(daemon, command, line, output) }
  } catch (error) {
    const { text, value, code } = failureOf(command.name, error, address)
    if (line.flags.json) output.printJson(value)
    return { texts, values, code, ...(!line.flags.json && { failure: text }) }
  }
}

/** An output whose lines say where they come from. */
function prefixed({ print, printJson, terminal }: Output, endpoint: string): Output {
  return {
    print: (text) => print(text.replaceAll(/^/gm, `${endpoint}  `)),
    printJson: (value) => printJson({ [endpoint]: value }),
    terminal: terminal && { ...terminal, columns: Math.max(0, terminal.columns - endpoint.length - 2) },
  }
}
