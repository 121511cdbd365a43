import { useEffect, useState } from 'preact/hooks'
import type { OptionValue, WatcherDescription } from '../../../api.ts'
import { ask } from '../../client.ts'
import { Icon } from '../../parts/icon.tsx'
import { may } from '../../session.ts'
import { byName, events, topicOf } from '../../store/store.ts'
import { OptionEditor } from './option-editor.tsx'
import { type OptionTable, optionTable } from './option-table.ts'

type Values = Readonly<Record<string, OptionValue>>

/** The options of a watcher, with where each was set; editable for admins. */
export function Options({ name }: { name: string }) {
  const { options, table, failure } = useOptions(name)
  const [all, setAll] = useState(false)
  if (!options) return <Waiting failure={failure} />
  const rows = Object.entries(options).filter(([option]) => !option.startsWith('env.'))
  const shown = rows.filter(([, { file }]) => all || file !== null).sort(([a], [b]) => byName(a, b))
  return (
    <section class="panel" aria-label="Options">
      <div class="panel-head">
        <label class="check">
          <input type="checkbox" checked={all} onChange={({ currentTarget }) => setAll(currentTarget.checked)} />
          Show those that hold their default
        </label>
        {failure && <span class="wrong">{failure}</span>}
      </div>
      <OptionRows name={name} rows={shown} table={table} />
    </section>
  )
}

/** The variables a watcher sets for its processes. What looks like a secret is not shown. */
export function Environment({ name }: { name: string }) {
  const { options, failure } = useOptions(name)
  if (!options) return <Waiting failure={failure} />
  const rows = Object.entries(options).filter(([option]) => option.startsWith('env.'))
  return (
    <section class="panel" aria-label="Environment">
      {rows.length === 0 ? (
        <p class="panel-body note">It sets no variables of its own.</p>
      ) : (
        <OptionRows name={name} rows={rows.sort(([a], [b]) => byName(a, b))} table={{}} />
      )}
      {may('admin') && <NewVariable name={name} known={rows.map(([option]) => option)} />}
    </section>
  )
}

const Waiting = ({ failure }: { failure: string | undefined }) => (
  <p class="empty">{failure ?? 'Asking for the options …'}</p>
)

interface RowsProps {
  readonly name: string
  readonly rows: readonly (readonly [string, OptionValue])[]
  readonly table: OptionTable
}

function OptionRows({ name, rows, table }: RowsProps) {
  const [edited, setEdited] = useState<string>()
  const mayEdit = may('admin')
  return (
    <table class="table options">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Value</th>
          <th scope="col">Set in</th>
          {mayEdit && (
            <th scope="col">
              <span class="unseen">Edit</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map(([option, { value, file, line }]) => (
          <tr key={option}>
            <th scope="row">
              <span class="mono">{option.replace(/^env\./, '')}</span>
              {table[option] && <span class="note">{table[option].doc}</span>}
            </th>
            <td class="option-value">
              {edited === option ? (
                <OptionEditor
                  name={name}
                  option={option}
                  value={inText(value)}
                  known={table[option]}
                  close={() => setEdited(undefined)}
                />
              ) : (
                <span class="mono">{inText(value) || <span class="faint">empty</span>}</span>
              )}
            </td>
            <td class="note origin">{origin(file, line)}</td>
            {mayEdit && (
              <td class="cell-actions">
                <button
                  type="button"
                  class="button quiet square"
                  title="Edit"
                  onClick={() => setEdited(edited === option ? undefined : option)}
                >
                  <Icon name="edit" />
                  <span class="unseen">Edit {option}</span>
                </button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function NewVariable({ name, known }: { name: string; known: readonly string[] }) {
  const [variable, setVariable] = useState('')
  const [edits, setEdits] = useState(false)
  const isTaken = known.includes(`env.${variable}`)
  const isName = /^[^=\0\s]+$/.test(variable)
  if (edits) {
    return (
      <div class="panel-body">
        <p class="mono">{variable}</p>
        <OptionEditor name={name} option={`env.${variable}`} value="" known={undefined} close={() => setEdits(false)} />
      </div>
    )
  }
  return (
    <form
      class="panel-body tools"
      onSubmit={(event) => {
        event.preventDefault()
        if (isName && !isTaken) setEdits(true)
      }}
    >
      <input
        aria-label="Name of a new variable"
        placeholder="NEW_VARIABLE"
        value={variable}
        onInput={({ currentTarget }) => setVariable(currentTarget.value)}
      />
      <button type="submit" class="button" disabled={!isName || isTaken}>
        Add variable
      </button>
      {isTaken && <span class="wrong">It is there already.</span>}
    </form>
  )
}

function useOptions(name: string) {
  const [options, setOptions] = useState<Values>()
  const [table, setTable] = useState<OptionTable>({})
  const [failure, setFailure] = useState<string>()
  // Whoever changes an option, here or elsewhere: the daemon tells.
  const topic = topicOf(name)
  const version = events.value.find(({ watcher, event }) => watcher === topic && event === 'updated')?.id
  // `version` asks anew.
  useEffect(() => {
    let isOver = false
    ask<{ watchers: Record<string, WatcherDescription> }>('describe', { name }).then(
      ({ watchers }) => {
        if (isOver) return
        setOptions(Object.values(watchers)[0]?.options ?? {})
        setFailure(undefined)
      },
      (error: Error) => isOver || setFailure(error.message),
    )
    return () => {
      isOver = true
    }
  }, [name, version])
  useEffect(() => void optionTable().then(setTable), [])
  return { options, table, failure }
}

/** A value as one would write it into the ini. */
function inText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) return value.join(' ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function origin(file: string | null, line: number | null): string {
  if (file === null) return 'default'
  if (file === 'API') return 'by hand'
  return line ? `${file}:${line}` : file
}
