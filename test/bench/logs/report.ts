import { median } from '../statistics.ts'
import { formatFigure } from '../table.ts'
import type { LogFigures } from './trial.ts'

/** The figures of the rounds, by subject. */
export type OfSubjects = ReadonlyMap<string, readonly LogFigures[]>

const peers = ['supervisor', 's6', 'runit', 'pm2', 'circus']

/** A table of medians; of lines lost or torn, the worst round. */
export function logRows(figures: OfSubjects): string[][] {
  const body = [...figures].map(([name, rounds]) => [
    name,
    ...(['megabytesPerSecond', 'managerCpu', 'allCpu'] as const).map((figure) =>
      formatFigure(medianOf(rounds, figure)),
    ),
    ...(['lost', 'torn'] as const).map((figure) =>
      Math.max(...rounds.map((round) => round[figure])).toLocaleString('en'),
    ),
  ])
  return [['', 'MB/s', 'CPU s/GB', 'with writers', 'lines lost', 'torn'], ...body]
}

/** One line for each promise of the project that these figures can judge. */
export function judgeLogs(figures: ReadonlyMap<string, OfSubjects>): string[] {
  return [...figures].flatMap(([title, ofSubjects]) => [
    ...ahead(title, ofSubjects, 'circusd', peers),
    ...ahead(title, ofSubjects, 'circusd time_format', ['circus', 'circus time_format']),
    ...complete(title, ofSubjects),
  ])
}

function ahead(title: string, ofSubjects: OfSubjects, own: string, others: readonly string[]): string[] {
  return (['megabytesPerSecond', 'managerCpu'] as const).flatMap((figure) => {
    const value = medianOf(ofSubjects.get(own) ?? [], figure)
    const compared = others.flatMap((name) => medianOf(ofSubjects.get(name) ?? [], figure) ?? [])
    if (value === undefined || compared.length === 0) return []
    const faster = figure === 'megabytesPerSecond'
    const best = faster ? Math.max(...compared) : Math.min(...compared)
    const what = faster ? 'MB/s' : 'CPU s/GB'
    const holds = faster ? value >= best : value <= best
    return [
      verdict(holds, `${title}: ${own} ahead in ${what}: ${formatFigure(value)}, best of others ${formatFigure(best)}`),
    ]
  })
}

function complete(title: string, ofSubjects: OfSubjects): string[] {
  return [...ofSubjects]
    .filter(([name]) => name.startsWith('circusd'))
    .map(([name, rounds]) => {
      const wrong = rounds.reduce((sum, { lost, torn }) => sum + lost + torn, 0)
      return verdict(wrong === 0, `${title}: ${name}: no line lost or torn: ${wrong}`)
    })
}

const verdict = (holds: boolean, text: string): string => `${holds ? 'holds ' : 'MISSED'}  ${text}`

const medianOf = (rounds: readonly LogFigures[], figure: keyof LogFigures): number | undefined =>
  median(rounds.map((round) => round[figure]))
