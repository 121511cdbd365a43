import { useEffect, useState } from 'preact/hooks'
import { doing } from '../actions.ts'
import { type Refusal, tell } from '../client.ts'
import { Heading } from '../parts/heading.tsx'
import { Icon } from '../parts/icon.tsx'
import { say } from '../parts/toasts.tsx'
import { linkToWatcher } from '../route.ts'
import { may } from '../session.ts'
import { type Draft, iniOf, requestOf, troubleOf } from './add/draft.ts'
import { Pairs } from './add/pairs.tsx'
import { type OptionTable, optionTable } from './watcher/option-table.ts'

const settleMs = 250

type Verdict =
  | { readonly id: 'empty' | 'checking' | 'right' }
  | { readonly id: 'wrong'; readonly why: string; readonly field: 'name' | 'cmd' | 'other' }

/** Adds a watcher to the running daemon: checked while it is written, with what to put into the configuration. */
export function AddPage() {
  const [draft, setDraft] = useState<Draft>({ name: '', cmd: '', options: [], variables: [] })
  const [start, setStart] = useState(true)
  const [table, setTable] = useState<OptionTable>({})
  const verdict = useVerdict(draft)
  useEffect(() => void optionTable().then(setTable), [])
  if (!may('admin')) {
    return (
      <Heading title="Add watcher">
        <p>Your role does not allow that.</p>
      </Heading>
    )
  }
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  const add = async (event: Event) => {
    event.preventDefault()
    if (verdict.id !== 'right') return
    const { name } = draft
    const done = await doing(`Adding ${name} …`, `Added ${name}`, 'add', { ...requestOf(draft), start, waiting: true })
    if (done) location.hash = linkToWatcher(name.trim())
  }
  const wrongIn = (field: string) => verdict.id === 'wrong' && verdict.field === field
  return (
    <>
      <Heading title="Add watcher" />
      <div class="add">
        <form class="panel" onSubmit={(event) => void add(event)}>
          <div class="panel-body form">
            <label class="field">
              <span>Name</span>
              <input
                value={draft.name}
                autoComplete="off"
                required
                aria-invalid={wrongIn('name')}
                aria-describedby="verdict"
                onInput={({ currentTarget }) => change({ name: currentTarget.value })}
              />
            </label>
            <label class="field">
              <span>Command</span>
              <input
                class="mono"
                value={draft.cmd}
                autoComplete="off"
                spellcheck={false}
                required
                aria-invalid={wrongIn('cmd')}
                aria-describedby="cmd-note verdict"
                onInput={({ currentTarget }) => change({ cmd: currentTarget.value })}
              />
              <span id="cmd-note" class="note">
                The program with its arguments; no shell looks at it unless <code>shell</code> is set.
              </span>
            </label>
            <Pairs
              legend="Options"
              one="option"
              pairs={draft.options}
              known={table}
              change={(options) => change({ options })}
            />
            <Pairs
              legend="Environment"
              one="variable"
              pairs={draft.variables}
              known={{}}
              change={(variables) => change({ variables })}
            />
            <label class="check">
              <input
                type="checkbox"
                checked={start}
                onChange={({ currentTarget }) => setStart(currentTarget.checked)}
              />
              Start it at once
            </label>
            <p id="verdict" role="status" class={verdict.id === 'wrong' ? 'wrong' : 'note'}>
              {inWords(verdict)}
            </p>
            <div class="buttons">
              <button type="submit" class="button primary" disabled={verdict.id !== 'right'}>
                Add watcher
              </button>
            </div>
          </div>
        </form>
        <Ini draft={draft} />
      </div>
    </>
  )
}

function useVerdict(draft: Draft): Verdict {
  const [verdict, setVerdict] = useState<Verdict>({ id: 'empty' })
  useEffect(() => {
    if (draft.name.trim() === '' || draft.cmd.trim() === '') return setVerdict({ id: 'empty' })
    setVerdict({ id: 'checking' })
    let isOver = false
    const timer = setTimeout(() => {
      tell('add', { ...requestOf(draft), check: true }).then(
        () => isOver || setVerdict({ id: 'right' }),
        ({ code, message }: Refusal) => {
          const field = code === 'ERR_WATCHER_EXISTS' ? 'name' : /\bcmd\b/.test(message) ? 'cmd' : 'other'
          if (!isOver) setVerdict({ id: 'wrong', why: message, field })
        },
      )
    }, settleMs)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [draft])
  return verdict
}

function inWords(verdict: Verdict): string {
  switch (verdict.id) {
    case 'empty':
      return 'A name and a command are all it takes.'
    case 'checking':
      return 'Checking …'
    case 'right':
      return 'The daemon would take that.'
    case 'wrong':
      return verdict.why
    default:
      return verdict satisfies never
  }
}

/** What to write into the configuration to have it after a restart, too. */
function Ini({ draft }: { draft: Draft }) {
  const text = iniOf(draft)
  const trouble = troubleOf(draft)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      say('done', 'Copied')
    } catch {
      say('failed', 'The browser does not let the page copy: mark the text and copy it')
    }
  }
  return (
    <section class="panel" aria-labelledby="ini">
      <div class="panel-head">
        <h2 id="ini">For the configuration</h2>
        <button type="button" class="button push" onClick={() => void copy()}>
          <Icon name="copy" /> Copy
        </button>
      </div>
      <div class="panel-body">
        <p class="note">What is added here is gone when the daemon ends, unless this stands in its configuration.</p>
        <pre class="report ini">{text}</pre>
        {trouble && <p class="wrong">{trouble}</p>}
      </div>
    </section>
  )
}
