import type { Verb } from '../actions.ts'
import { counted } from '../format.ts'
import { VerbButton } from '../parts/buttons.tsx'
import { Heading } from '../parts/heading.tsx'
import { Icon } from '../parts/icon.tsx'
import { may } from '../session.ts'
import { watcherNames, watchers } from '../store/store.ts'
import { WatcherTable } from './overview/table.tsx'
import { Tiles } from './overview/tiles.tsx'
import { chosen, type Filter, filter, filters, passes, search, shown, ticked } from './overview/view.ts'

/** Every watcher at a glance. */
export function OverviewPage() {
  return (
    <>
      <Heading title="Overview" />
      <Tiles />
      <Tools />
      <WatcherTable />
      <Chosen />
    </>
  )
}

const filterWords: Readonly<Record<Filter, string>> = {
  all: 'All',
  active: 'Active',
  trouble: 'In trouble',
  stopped: 'Stopped',
}

function Tools() {
  const all = Object.values(watchers.value)
  return (
    <div class="tools">
      <search class="search">
        <Icon name="search" />
        <input
          type="search"
          aria-label="Search watchers by name"
          placeholder="Search watchers"
          value={search.value}
          onInput={({ currentTarget }) => {
            search.value = currentTarget.value
          }}
        />
      </search>
      <fieldset class="segments">
        <legend class="unseen">Show watchers that are</legend>
        {filters.map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="filter"
              checked={filter.value === name}
              onChange={() => {
                filter.value = name
              }}
            />
            <span>
              {filterWords[name]} <span class="count">{all.filter((watcher) => passes(watcher, name)).length}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <p class="unseen" role="status">
        {shown.value.length === watcherNames.value.length ? '' : `${counted(shown.value.length, 'watcher')} shown`}
      </p>
    </div>
  )
}

const verbs: readonly Verb[] = ['start', 'reload', 'restart', 'stop']

/** What can be done with all that are ticked. */
function Chosen() {
  const names = chosen.value
  if (names.length === 0 || !may('operate')) return null
  return (
    <section class="chosen" aria-label="With the selected watchers">
      <strong>{names.length} selected</strong>
      {verbs.map((verb) => (
        <VerbButton key={verb} verb={verb} names={names} worded />
      ))}
      <button
        type="button"
        class="button quiet"
        onClick={() => {
          ticked.value = new Set()
        }}
      >
        Clear
      </button>
    </section>
  )
}
