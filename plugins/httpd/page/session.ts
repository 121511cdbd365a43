import { signal } from '@preact/signals'
import type { Auth, Role, Session as Told } from '../api.ts'

/** Who looks at the page. */
export type Session =
  | { readonly id: 'asking' }
  | { readonly id: 'out'; readonly why: string | undefined; readonly auth: Auth | undefined }
  | { readonly id: 'in'; readonly name: string; readonly role: Role; readonly csrf: string; readonly auth: Auth }

export const session = signal<Session>({ id: 'asking' })

const ranks: Readonly<Record<Role, number>> = { view: 0, operate: 1, admin: 2 }

/** Whether who looks at the page may do what takes this role. */
export const may = (role: Role): boolean => session.value.id === 'in' && ranks[session.value.role] >= ranks[role]

/** The server let somebody in. */
export function enter({ name, role, csrf, auth }: Told): void {
  session.value = { id: 'in', name, role, csrf, auth }
}
