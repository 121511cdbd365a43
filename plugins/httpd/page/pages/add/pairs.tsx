import { useId } from 'preact/hooks'
import { Icon } from '../../parts/icon.tsx'
import type { OptionTable } from '../watcher/option-table.ts'
import type { Pair } from './draft.ts'

interface Props {
  readonly legend: string
  /** What one of them is called. */
  readonly one: string
  readonly pairs: readonly Pair[]
  /** Names that are suggested. */
  readonly known: OptionTable
  readonly change: (pairs: readonly Pair[]) => void
}

/** Names and values, as many as one likes. */
export function Pairs({ legend, one, pairs, known, change }: Props) {
  const list = useId()
  const put = (id: number, part: Partial<Pair>) =>
    change(pairs.map((pair) => (pair.id === id ? { ...pair, ...part } : pair)))
  const fresh = () => Math.max(0, ...pairs.map(({ id }) => id)) + 1
  return (
    <fieldset class="pairs">
      <legend>{legend}</legend>
      <datalist id={list}>
        {Object.keys(known).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {pairs.map(({ id, name, value }, at) => (
        <div key={id} class="pair">
          <input
            class="mono"
            list={list}
            aria-label={`Name of ${one} ${at + 1}`}
            placeholder={one}
            value={name}
            onInput={({ currentTarget }) => put(id, { name: currentTarget.value })}
          />
          <input
            class="mono"
            aria-label={`Value of ${name || `${one} ${at + 1}`}`}
            value={value}
            onInput={({ currentTarget }) => put(id, { value: currentTarget.value })}
          />
          <button
            type="button"
            class="button quiet square"
            onClick={() => change(pairs.filter((pair) => pair.id !== id))}
          >
            <Icon name="close" />
            <span class="unseen">Take {name || `${one} ${at + 1}`} out</span>
          </button>
          {Object.hasOwn(known, name) && (
            <span class="note">
              {known[name]!.doc}; must be {known[name]!.expected}
            </span>
          )}
        </div>
      ))}
      <button type="button" class="button" onClick={() => change([...pairs, { id: fresh(), name: '', value: '' }])}>
        <Icon name="plus" /> Add {one === 'option' ? 'an option' : `a ${one}`}
      </button>
    </fieldset>
  )
}
