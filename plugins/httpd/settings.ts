import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { KernelError } from '../../core/plugin.ts'
import type { Auth } from './api.ts'

/** Where the console listens. */
export type Place =
  | { readonly id: 'address'; readonly host: string; readonly port: number }
  | { readonly id: 'path'; readonly path: string }
  | { readonly id: 'socket'; readonly name: string }

/** What the console was told to be. */
export interface Settings {
  readonly place: Place
  /** '' or a path that begins with a slash and does not end with one. */
  readonly prefix: string
  readonly auth: Auth
  /** The file, with `users`. */
  readonly users: string | undefined
  /** In lower case, without ports. */
  readonly allowedHosts: readonly string[]
}

interface Given {
  readonly httpd_host?: string | undefined
  readonly httpd_port: number
  readonly httpd_socket?: string | undefined
  readonly httpd_url_prefix?: string | undefined
  readonly httpd_auth: '' | Auth
  readonly httpd_users?: string | undefined
  readonly httpd_allowed_hosts?: string | undefined
}

/** Put the options together. `folder` is where relative paths are meant from. Throws `ERR_PLUGIN_INVALID`. */
export function settingsOf(given: Given, folder: string): Settings {
  const invalid = (why: string) => new KernelError('ERR_PLUGIN_INVALID', ['httpd', why])
  const { httpd_users: users, httpd_socket: socket } = given
  const auth = given.httpd_auth || (users ? 'users' : 'token')
  if (auth === 'users' && !users)
    throw invalid('httpd_auth = users needs httpd_users, a file: circusctl users add NAME')
  if (given.httpd_port > 65_535) throw invalid('httpd_port is at most 65535')
  const prefix = (given.httpd_url_prefix ?? '').replace(/^\/*|\/+$/g, (slashes, at) => (at === 0 ? '/' : slashes && ''))
  if (!/^(\/[\w.~-]+)*\/?$/.test(prefix) || prefix.includes('..')) {
    throw invalid(`httpd_url_prefix is a path like /circus, not ${JSON.stringify(given.httpd_url_prefix)}`)
  }
  const host = given.httpd_host || 'localhost'
  const allowedHosts = (given.httpd_allowed_hosts ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((name) => name !== '')
  if (isIP(host) === 0 && !isPath(host) && host !== 'localhost') allowedHosts.push(host.toLowerCase())
  return {
    place: socket
      ? { id: 'socket', name: socket }
      : isPath(host)
        ? { id: 'path', path: resolve(folder, host) }
        : { id: 'address', host, port: given.httpd_port },
    prefix: prefix === '/' ? '' : prefix,
    auth,
    users: users && resolve(folder, users),
    allowedHosts,
  }
}

const isPath = (host: string) => host.startsWith('/') || host.startsWith('./')
