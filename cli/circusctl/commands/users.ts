import { dirname, join, resolve } from 'node:path'
import { keyFolder, loadUsers } from '../../../core/client.ts'
import { type ControlCommand, type Flags, type Session, UsageError } from '../command.ts'
import { readPassword } from '../password.ts'

const roles = ['view', 'operate', 'admin'] as const

/** Works on a file of this machine, and asks no daemon. */
export const users: ControlCommand = {
  name: 'users',
  summary: 'Add, list and remove the users of the web console.',
  args: [
    { name: 'action', description: 'add, list or remove', required: true },
    { name: 'name', description: 'add, remove: who' },
  ],
  flags: {
    role: { type: 'text', options: roles, description: 'add: what they may do (view)' },
    replace: { type: 'boolean', description: 'add: another password or role for somebody who is there' },
    file: { type: 'text', description: 'the file (/etc/circus/users for root, else ~/.config/circus/users)' },
  },
  examples: ['users add alice --role operate', 'users list', 'users remove alice'],
  local: true,
  async run(session, [action = '', name], flags) {
    const file = resolve(flags.file === undefined ? join(dirname(keyFolder()), 'users') : String(flags.file))
    if (!Object.hasOwn(actions, action)) throw new UsageError('say what to do: add, list or remove')
    await actions[action as keyof typeof actions](file, { session, name, flags })
  },
}

interface Asked {
  readonly session: Session
  readonly name: string | undefined
  readonly flags: Flags
}

const actions = {
  async add(file: string, { session, name, flags }: Asked) {
    const who = demand(name)
    const role = roles.find((each) => each === flags.role) ?? 'view'
    const password = await readPassword(`Password of ${who}: `, session.interrupted)
    if (password.length < 8) throw new UsageError('a password has 8 characters at least')
    const { addUser } = await loadUsers()
    await addUser(file, { name: who, role, password, replace: flags.replace === true })
    tell(session, { file, name: who, role }, [
      `${who} may log in to the web console as ${role}, with this in [circus] of the ini:`,
      `httpd_users = ${file}`,
    ])
  },
  async list(file: string, { session }: Asked) {
    const { readUsers } = await loadUsers()
    const listed = [...readUsers(file).values()].map(({ name, role }) => ({ name, role }))
    tell(
      session,
      { users: listed },
      listed.map(({ name, role }) => `${name}: ${role}`),
    )
  },
  async remove(file: string, { session, name }: Asked) {
    const { removeUser } = await loadUsers()
    if (!removeUser(file, demand(name))) throw new UsageError(`no user is named ${name}`)
    tell(session, { name }, [`${name} is logged out, and cannot log in any more`])
  },
}

function demand(name: string | undefined): string {
  if (name === undefined) throw new UsageError('say who')
  return name
}

function tell({ json, output }: Session, value: object, lines: readonly string[]): void {
  if (json) output.printJson({ status: 'ok', ...value })
  else if (lines.length > 0) output.print(lines.join('\n'))
}
