import type { Login, Session as Told } from '../api.ts'
import { type Refusal, request } from './client.ts'
import { enter, session } from './session.ts'

const address = 'api/session'

/** Come in: by the token of the link, by the session there is already, or not at all. */
export async function begin(): Promise<void> {
  const token = tokenOf(location.hash)
  if (token !== undefined) return logIn({ token })
  await come(request<Told>(address, 'GET'), false)
}

/** The same token again: a link that is opened in the tab that is there already only changes the hash. */
export function watchForTokens(): void {
  addEventListener('hashchange', () => {
    const token = tokenOf(location.hash)
    if (token !== undefined) void logIn({ token })
  })
}

/** Show what lets one in. Tells in the session why it does not. */
export const logIn = (login: Login): Promise<void> => come(request<Told>(address, 'POST', login), true)

export async function logOut(): Promise<void> {
  const { auth } = session.value as { auth?: Told['auth'] }
  await request(address, 'DELETE').catch(() => {})
  session.value = { id: 'out', why: undefined, auth }
}

async function come(asked: Promise<Told>, tried: boolean): Promise<void> {
  try {
    enter(await asked)
  } catch (error) {
    const { status, message, auth } = error as Refusal
    const before = session.value.id === 'out' ? session.value.auth : undefined
    session.value = { id: 'out', why: !tried && status === 401 ? undefined : message, auth: auth ?? before }
  }
}

/** The token of a link; it does not stay in the address bar or the history. */
function tokenOf(hash: string): string | undefined {
  const token = new URLSearchParams(hash.replace(/^#\/?/, '')).get('token')
  if (token === null) return undefined
  history.replaceState(null, '', `${location.pathname}${location.search}#/`)
  return token
}
