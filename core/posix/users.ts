import { groupEntry, type PasswordEntry, passwordById, passwordByName } from './libc.ts'

/** A user of this machine, from wherever its name service takes them. */
export type User = PasswordEntry

/** The user of that name, or `null`. */
export const userByName = (name: string): User | null => passwordByName(name)

/** The user of that number, or `null`. */
export const userById = (uid: number): User | null => passwordById(uid)

/** The group of that name, or `null`. */
export const groupByName = (name: string): { readonly name: string; readonly gid: number } | null => groupEntry(name)
