import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { createGround } from './cleanup.ts'
import { logsOfCircus } from './logs/circus.ts'
import { logsOfCircusd } from './logs/circusd.ts'
import { logsOfPm2 } from './logs/pm2.ts'
import { judgeLogs, logRows } from './logs/report.ts'
import { logsOfRunit, logsOfS6 } from './logs/services.ts'
import type { LogSubject } from './logs/subject.ts'
import { logsOfSupervisor } from './logs/supervisor.ts'
import { type LogFigures, runLogTrial, type TrialOptions } from './logs/trial.ts'
import { machineFacts } from './machine.ts'
import { missingPrograms } from './managers/manager.ts'
import { prepareManagers } from './prepare.ts'
import type { Suite } from './suite.ts'
import { renderTable } from './table.ts'

const subjects = [...logsOfCircusd, logsOfSupervisor, logsOfS6, logsOfRunit, logsOfPm2, ...logsOfCircus]
const source = join(import.meta.dirname, 'logs/writer.c')

/** What is measured: so many writers, with rotation or, of this daemon only, without, so that every line can be counted. */
const trials: readonly (Pick<TrialOptions, 'count' | 'rotates'> & { readonly title: string })[] = [
  { title: 'one process', count: 1, rotates: true },
  { title: '50 processes', count: 50, rotates: true },
  { title: 'one process, without rotation', count: 1, rotates: false },
  { title: '50 processes, without rotation', count: 50, rotates: false },
]

/** Lines on their way into files: how many bytes a second, at what cost, and whether all of them arrive whole. */
export const logs: Suite = {
  summary: 'what processes write on its way into files that are rotated, in this daemon and its peers',

  async run(options) {
    const missing = missingPrograms('gcc libc6-dev', ['cc'])
    if (missing !== undefined) throw new Error(missing)
    using workshop = createGround()
    const writer = join(workshop.dir, 'writer')
    execFileSync('cc', ['-O2', '-Wall', '-o', writer, source], { stdio: 'inherit' })
    const facts = machineFacts()
    const seconds = options.loadSeconds ?? 5
    const ready = prepareManagers(subjects, options, workshop.dir)
    const figures = new Map(trials.map(({ title }) => [title, new Map<string, LogFigures[]>()]))
    for (let round = 1; round <= options.rounds; round++) {
      for (const { title, ...trial } of trials) {
        for (const subject of ready) {
          if (!trial.rotates && !(logsOfCircusd.includes(subject) && round === 1)) continue
          process.stderr.write(`round ${round} of ${options.rounds}: ${title}, ${subject.name}\n`)
          const measured = await attempt(subject, { ...trial, writer, seconds })
          const all = figures.get(title)!
          all.set(subject.name, [...(all.get(subject.name) ?? []), ...measured])
        }
      }
    }
    console.log(`lines of 100 bytes for ${seconds} s, median of ${options.rounds} interleaved rounds; ${facts}`)
    for (const [title, ofSubjects] of figures) {
      if (ofSubjects.size > 0) console.log(`\n${title}\n\n${renderTable(logRows(ofSubjects))}`)
    }
    console.log(`\n${judgeLogs(figures).join('\n')}`)
    const plain = [...figures].map(([title, ofSubjects]) => [title, Object.fromEntries(ofSubjects)])
    return { facts, seconds, figures: Object.fromEntries(plain) }
  },
}

async function attempt(subject: LogSubject, options: TrialOptions): Promise<LogFigures[]> {
  try {
    return [await runLogTrial(subject, options)]
  } catch (error) {
    console.log(`${subject.name} failed: ${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 1
    return []
  }
}
