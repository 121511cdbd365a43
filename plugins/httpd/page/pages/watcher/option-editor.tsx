import { useEffect, useState } from 'preact/hooks'
import { doing } from '../../actions.ts'
import { tell } from '../../client.ts'
import { counted } from '../../format.ts'
import { watchers } from '../../store/store.ts'
import type { Effect, KnownOption } from './option-table.ts'

/** After the last key, in milliseconds, what was written is looked at. */
const settleMs = 250

interface Props {
  readonly name: string
  readonly option: string
  readonly value: string
  readonly known: KnownOption | undefined
  readonly close: () => void
}

type Verdict =
  | { readonly id: 'same' }
  | { readonly id: 'checking' }
  | { readonly id: 'wrong'; readonly why: string }
  | { readonly id: 'right'; readonly effect: Effect }

/** Changes one option: says, while it is written, whether it can be that, and what it will cause. */
export function OptionEditor({ name, option, value, known, close }: Props) {
  const [text, setText] = useState(value)
  const [verdict, setVerdict] = useState<Verdict>({ id: 'same' })
  const isNew = value === '' && option.startsWith('env.')
  useEffect(() => {
    if (text === value && !isNew) return setVerdict({ id: 'same' })
    setVerdict({ id: 'checking' })
    let isOver = false
    const timer = setTimeout(() => {
      tell<{ effect: Effect; changed: readonly string[] }>('set', {
        name,
        options: { [option]: text },
        check: true,
      }).then(
        ({ effect, changed }) => isOver || setVerdict(changed.length === 0 ? { id: 'same' } : { id: 'right', effect }),
        (error: Error) => isOver || setVerdict({ id: 'wrong', why: error.message }),
      )
    }, settleMs)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [text, value, name, option, isNew])

  const save = async (event: Event) => {
    event.preventDefault()
    if (verdict.id !== 'right') return
    const options = { [option]: text }
    if (
      await doing(`Setting ${option} of ${name} …`, `Set ${option} of ${name}`, 'set', { name, options, waiting: true })
    )
      close()
  }
  return (
    <form
      class="editor"
      onSubmit={(event) => void save(event)}
      onKeyDown={({ key }) => {
        if (key === 'Escape') close()
      }}
    >
      <input
        ref={(input) => {
          if (input && !input.dataset['met']) {
            input.dataset['met'] = 'yes'
            input.focus()
          }
        }}
        class="mono"
        aria-label={`New value of ${option}`}
        aria-invalid={verdict.id === 'wrong'}
        aria-describedby="verdict"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button type="submit" class="button primary" disabled={verdict.id !== 'right'}>
        Set
      </button>
      <button type="button" class="button" onClick={close}>
        Cancel
      </button>
      <p id="verdict" class={verdict.id === 'wrong' ? 'wrong' : 'note'} role="status">
        {inWords(verdict, name, known)}
      </p>
    </form>
  )
}

function inWords(verdict: Verdict, name: string, known: KnownOption | undefined): string {
  switch (verdict.id) {
    case 'same':
      return known
        ? `Must be ${known.expected}. It lasts until the configuration is read again.`
        : 'It lasts until the configuration is read again.'
    case 'checking':
      return 'Checking …'
    case 'wrong':
      return verdict.why
    case 'right':
      return consequence(verdict.effect, name)
    default:
      return verdict satisfies never
  }
}

function consequence(effect: Effect, name: string): string {
  const { alive = 0 } = watchers.peek()[name] ?? {}
  if (effect === 'replace' && alive > 0) {
    return `This replaces ${alive === 1 ? 'the one process' : `all ${counted(alive, 'process', 'processes')}`} of ${name}, one by one.`
  }
  if (effect === 'resize') return `This starts or ends processes of ${name} until there are as many.`
  return effect === 'replace' ? 'No process runs: it counts from the next start.' : 'No process is touched by this.'
}
