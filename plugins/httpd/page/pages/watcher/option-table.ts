import { ask } from '../../client.ts'

/** What changing an option means for a running watcher. */
export type Effect = 'none' | 'resize' | 'replace'

export interface KnownOption {
  readonly default: unknown
  readonly effect: Effect
  /** To follow "must be". */
  readonly expected: string
  readonly doc: string
}

export type OptionTable = Readonly<Record<string, KnownOption>>

let asked: Promise<OptionTable> | undefined

/** What options there are. A daemon that cannot tell leaves it empty. */
export function optionTable(): Promise<OptionTable> {
  asked ??= ask<{ options: OptionTable }>('watcheroptions').then(
    ({ options }) => options,
    () => {
      asked = undefined
      return {}
    },
  )
  return asked
}
