import { circusd } from './circusd.ts'
import { limit } from './limit.ts'
import type { Manager } from './manager.ts'
import { pm2 } from './pm2.ts'
import { runit } from './runit.ts'
import { s6 } from './s6.ts'
import { supervisor } from './supervisor.ts'

/** Every manager that can be measured, in the order of the table. */
export const managers: readonly Manager[] = [limit, circusd, runit, s6, supervisor, pm2]
