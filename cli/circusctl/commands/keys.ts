import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { keyFolder } from '../../../core/client.ts'
import { type ControlCommand, type Flags, type Session, UsageError } from '../command.ts'

type Keys = Awaited<ReturnType<typeof import('../../../core/index.ts')['loadKeyFolder']>>

const roles = ['view', 'operate', 'admin'] as const

/** Works on files of this machine, and asks no daemon. */
export const keys: ControlCommand = {
  name: 'keys',
  summary: 'Make, list and remove the keys of a daemon with auth = curve.',
  args: [
    { name: 'action', description: 'init, add, list or remove', required: true },
    { name: 'name', description: "add, remove: whose key; init: the admin's (your user name)" },
  ],
  flags: {
    role: { type: 'text', options: roles, description: 'add: what the key may do (view)' },
    folder: { type: 'text', description: 'where the keys are (/etc/circus/keys for root, else ~/.config/circus/keys)' },
  },
  examples: ['keys init', 'keys add alice --role operate', 'keys list', 'keys remove alice'],
  local: true,
  async run(session, [action = '', name], flags) {
    const { loadKeyFolder } = await import('../../../core/index.ts')
    const folder = resolve(flags.folder === undefined ? keyFolder() : String(flags.folder))
    const perform = actions[action as keyof typeof actions]
    if (!Object.hasOwn(actions, action) || !perform) throw new UsageError('say what to do: init, add, list or remove')
    perform(await loadKeyFolder(), folder, { session, name, flags })
  },
}

interface Asked {
  readonly session: Session
  readonly name: string | undefined
  readonly flags: Flags
}

const actions = {
  init(keys: Keys, folder: string, { session, name = userName() }: Asked) {
    const files = keys.keyFiles(folder)
    keys.initKeys(folder, name)
    tell(session, { folder, ...files }, [
      `${files.server}   the daemon's key: it stays here`,
      `${files.client}   your key, ${name} (admin): circusctl finds it`,
      `${files.clients}      who may connect: circusctl keys add NAME --role view`,
      '',
      'In [circus] of the ini, then a restart of the daemon:',
      'auth = curve',
      `server_key = ${files.server}`,
      `client_keys = ${files.clients}`,
    ])
  },
  add(keys: Keys, folder: string, { session, name, flags }: Asked) {
    const role = roles.find((each) => each === flags.role) ?? 'view'
    const file = keys.addKey(folder, demand(name), role)
    const text = `${file}   give this file to ${name}, and to nobody else: circusctl --key FILE, or CIRCUS_KEY`
    tell(session, { file, name, role }, [text])
  },
  list(keys: Keys, folder: string, { session }: Asked) {
    const listed = keys.listKeys(folder)
    const lines = listed.map(({ publicKey, role, name }) => `${name}: ${role}, ${publicKey}`)
    tell(session, { keys: listed }, lines)
  },
  remove(keys: Keys, folder: string, { session, name }: Asked) {
    if (!keys.removeKey(folder, demand(name))) throw new UsageError(`no key is named ${name}`)
    tell(session, { name }, [`${name} is refused from now on`])
  },
}

/** Not every uid has a name: in containers. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.geteuid?.()}`
  }
}

function demand(name: string | undefined): string {
  if (name === undefined) throw new UsageError('say whose key')
  return name
}

function tell({ json, output }: Session, value: object, lines: readonly string[]): void {
  if (json) output.printJson({ status: 'ok', ...value })
  else if (lines.length > 0) output.print(lines.join('\n'))
}
