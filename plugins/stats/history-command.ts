import { defineCommand, flag, integer, oneOf, optionalText, properties } from '../../core/plugin.ts'
import type { History } from './history.ts'

/**
 * `history`: what watchers and processes used lately. With `name` of that one, with `processes` of its processes as well,
 * with `process` of just that one. `step` is `second` (10 minutes are kept, while somebody listens or asks) or `minute` (24
 * hours). README.md shows the reply.
 *
 * Errors `ERR_WATCHER_UNKNOWN`, `ERR_PROCESS_UNKNOWN`
 *
 * @param onAsk Called before each answer.
 */
export const historyCommand = (history: History, onAsk: () => void) =>
  defineCommand({
    name: 'history',
    summary: 'Show what watchers and processes used lately.',
    role: 'view',
    readOnly: true,
    properties: properties({
      name: optionalText('the watcher, in any case; all of them when left out'),
      process: integer('just this process of the watcher, by its pid', undefined),
      processes: flag('its processes, too'),
      step: oneOf('what a point stands for', ['second', 'minute'], 'second'),
      points: integer('how many, at most', 60, 1),
    }),
    execute(_context, question) {
      onAsk()
      return history.answer(question, Date.now() / 1000)
    },
  })
