import { columns } from '../columns.ts'
import { type ControlCommand, type Session, UsageError } from '../command.ts'
import type { PluginKind } from '../extensions/new.ts'
import type { CliPackage } from '../extensions/packages.ts'

export const plugins: ControlCommand = {
  name: 'plugins',
  summary:
    'List the plugins of the daemon, and the packages that bring commands for circusctl; install and uninstall these.',
  args: [
    {
      name: 'action',
      description:
        'install, uninstall, new (for authors: write the package of a new plugin), or manifest (for authors: write oclif.manifest.json)',
    },
    { name: 'package', description: 'its name; to install also the path of a folder or tarball' },
  ],
  examples: [
    'plugins',
    'plugins install circusd-plugin-sample',
    'plugins install ./circusd-plugin-sample-1.0.0.tgz',
    'plugins uninstall circusd-plugin-sample',
    'plugins new web-hook --kind hooks',
  ],
  flags: {
    kind: {
      type: 'text',
      description: 'of a new plugin: what it uses, or brings',
      options: ['events', 'hooks', 'command', 'stream'],
      default: 'events',
    },
    into: { type: 'text', description: 'of a new plugin: where its folder is to be', default: 'the working folder' },
    circusd: {
      type: 'text',
      description: 'of a new plugin: what npm installs as circusd; a version, a folder or a tarball',
    },
  },
  local: true,
  async run(session, [action, what], flags) {
    const { json, output } = session
    const needed = () => {
      if (what) return what
      throw new UsageError(
        `${action} needs the name of a package, as in: circusctl plugins ${action} circusd-plugin-sample`,
      )
    }
    switch (action) {
      case undefined:
        return list(session)
      case 'install': {
        const { install } = await import('../extensions/install.ts')
        const installed = await install(needed())
        if (json) output.printJson(installed)
        else output.print(block(installed))
        return
      }
      case 'uninstall': {
        const { uninstall } = await import('../extensions/install.ts')
        uninstall(needed())
        if (json) output.printJson({ uninstalled: what })
        else output.print('ok')
        return
      }
      case 'new': {
        const { newPlugin } = await import('../extensions/new.ts')
        if (!what) throw new UsageError('new needs a name, as in: circusctl plugins new web-hook')
        const { kind = 'events', into = '.', circusd } = flags as Partial<Record<string, string>>
        const folder = newPlugin({ name: what, kind: kind as PluginKind, into, circusd })
        if (json) output.printJson({ folder })
        else output.print(`${folder}\nNow: cd ${folder} && npm install && npm test`)
        return
      }
      case 'manifest': {
        const { writeManifest } = await import('../extensions/manifest.ts')
        const file = await writeManifest(what ?? '.')
        if (json) output.printJson({ file })
        else output.print(file)
        return
      }
      default:
        throw new UsageError(`'${action}' is not install, uninstall, new or manifest`)
    }
  },
}

/** Both kinds. Without a daemon the packages are told all the same. */
async function list(session: Session): Promise<void> {
  const { json, output } = session
  const { askPlugins, pluginListText } = await import('../plugin-list.ts')
  const { cliPackages } = await import('../extensions/packages.ts')
  const listed = await askPlugins(session)
  const packages = cliPackages()
  if (json) return output.printJson({ ...('plugins' in listed ? listed : { plugins: null, ...listed }), packages })
  if ('plugins' in listed) output.print(`${pluginListText(listed, session)}\n`)
  else process.stderr.write(`${pluginListText(listed, session)}\n`)
  output.print(
    packages.length === 0
      ? 'no packages bring commands here'
      : `commands for circusctl:\n${packages.map(block).join('\n')}`,
  )
}

function block({ name, version, from, commands }: CliPackage): string {
  const rows = columns(commands.map((command) => [command.name, command.summary] as const))
  const none = 'no command is known: it has no oclif.manifest.json'
  return [`${name} ${version} (${from})`, ...(rows.length > 0 ? rows : [none]).map((row) => `  ${row}`)].join('\n')
}
