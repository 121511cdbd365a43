import { signal } from '@preact/signals'

/** The parts of a watcher's page. */
export const watcherTabs = ['processes', 'output', 'options', 'environment', 'events'] as const
export type WatcherTab = (typeof watcherTabs)[number]

const places = ['overview', 'add', 'sockets', 'events', 'plugins', 'daemon'] as const
export type Place = (typeof places)[number]

/** What is looked at. */
export type Route =
  | { readonly id: Place }
  | { readonly id: 'watcher'; readonly name: string; readonly tab: WatcherTab }
  | { readonly id: 'panel'; readonly command: string }
  | { readonly id: 'unknown' }

/** The route of a location's hash. */
export function readRoute(hash: string): Route {
  const [place = '', name = '', tab = ''] = hash.replace(/^#\/?/, '').split('/').map(decoded)
  if (place === '') return { id: 'overview' }
  if (place === 'watcher' && name !== '') {
    return { id: 'watcher', name, tab: watcherTabs.find((known) => known === tab) ?? 'processes' }
  }
  if (place === 'panel' && name !== '') return { id: 'panel', command: name }
  const id = places.find((known) => known === place)
  return id ? { id } : { id: 'unknown' }
}

/** The link to a place. */
export const linkTo = (place: Place): string => (place === 'overview' ? '#/' : `#/${place}`)

/** The link to a watcher. */
export const linkToWatcher = (name: string, tab: WatcherTab = 'processes'): string =>
  `#/watcher/${encodeURIComponent(name)}${tab === 'processes' ? '' : `/${tab}`}`

/** The link to the page that a plugin's command fills. */
export const linkToPanel = (command: string): string => `#/panel/${encodeURIComponent(command)}`

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export const route = signal<Route>({ id: 'overview' })
