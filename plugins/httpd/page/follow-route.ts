import { readRoute, route } from './route.ts'

/** Follow the location's hash. */
export function followRoute(): void {
  const read = () => {
    route.value = readRoute(location.hash)
  }
  addEventListener('hashchange', read)
  read()
}
