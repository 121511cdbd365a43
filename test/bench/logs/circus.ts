import { missingPrograms } from '../managers/manager.ts'
import { logsOfCircusd } from './circusd.ts'
import type { LogSubject } from './subject.ts'

/** The original, with the very same configuration: `pip install circus`. */
export const logsOfCircus: readonly LogSubject[] = logsOfCircusd.map((subject) => ({
  ...subject,
  name: subject.name.replace('circusd', 'circus'),
  prepare: () => missingPrograms('circus (or: pip install circus)', ['circusd']),

  configure(job) {
    const setup = subject.configure(job)
    return { ...setup, start: { argv: ['circusd', `${job.dir}/circus.ini`] } }
  },
}))
