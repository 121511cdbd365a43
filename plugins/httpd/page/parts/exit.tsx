import type { Exit } from '../../api.ts'
import { duration } from '../format.ts'
import { beat } from '../store/store.ts'
import { timeThere } from '../time.ts'

/** Why a process ended, in a few words: `exit 1`, `SIGKILL`. */
export function causeOf({ exitCode, signal, expected }: Exit): string {
  const cause = signal ?? (exitCode === undefined ? 'ended' : `exit ${exitCode}`)
  return expected ? `${cause}, asked for` : cause
}

/** How long ago something was; read anew each second. */
export const Ago = ({ time }: { time: number }) => {
  beat.value
  return <>{duration(timeThere() - time)}</>
}

/** The last exit: why, and how long ago. */
export function LastExit({ exit }: { exit: Exit | undefined }) {
  if (!exit) return <span class="faint">none</span>
  return (
    <span class={exit.expected ? 'exit' : 'exit exit-bad'} title={exit.lines?.join('\n')}>
      {causeOf(exit)}{' '}
      <span class="faint">
        <Ago time={exit.time} /> ago
      </span>
    </span>
  )
}
