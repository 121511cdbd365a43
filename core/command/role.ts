/** What somebody may do; each role may do all that those before it may. */
export const roles = ['view', 'operate', 'admin'] as const
export type Role = (typeof roles)[number]

/** Somebody for whom a client asks. */
export interface Principal {
  /** For the log. */
  readonly name: string
  readonly role: Role
}

/** What both may do. */
export const lesser = (a: Role, b: Role): Role => (allows(a, b) ? b : a)

/** Whether `role` may do what takes `needed`. */
export const allows = (role: Role, needed: Role): boolean => roles.indexOf(role) >= roles.indexOf(needed)
