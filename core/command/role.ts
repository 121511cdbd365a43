/** What somebody may do; each role may do all that those before it may. */
export const roles = ['view', 'operate', 'admin'] as const
export type Role = (typeof roles)[number]

/** Whether `role` may do what takes `needed`. */
export const allows = (role: Role, needed: Role): boolean => roles.indexOf(role) >= roles.indexOf(needed)
