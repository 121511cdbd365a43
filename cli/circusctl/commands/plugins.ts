import { columns } from '../columns.ts'
import { type ControlCommand, UsageError } from '../command.ts'
import type { CliPackage } from '../extensions/packages.ts'

export const plugins: ControlCommand = {
  name: 'plugins',
  summary: 'List the packages that bring commands for circusctl, install and uninstall them.',
  args: [
    { name: 'action', description: 'install, uninstall, or manifest (for authors: write oclif.manifest.json)' },
    { name: 'package', description: 'its name; to install also the path of a folder or tarball' },
  ],
  examples: [
    'plugins',
    'plugins install circusd-plugin-sample',
    'plugins install ./circusd-plugin-sample-1.0.0.tgz',
    'plugins uninstall circusd-plugin-sample',
  ],
  local: true,
  async run({ json, output }, [action, what]) {
    const needed = () => {
      if (what) return what
      throw new UsageError(
        `${action} needs the name of a package, as in: circusctl plugins ${action} circusd-plugin-sample`,
      )
    }
    switch (action) {
      case undefined: {
        const { cliPackages } = await import('../extensions/packages.ts')
        const packages = cliPackages()
        if (json) output.printJson({ packages })
        else output.print(packages.length === 0 ? 'no packages bring commands here' : packages.map(block).join('\n'))
        return
      }
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
      case 'manifest': {
        const { writeManifest } = await import('../extensions/manifest.ts')
        const file = await writeManifest(what ?? '.')
        if (json) output.printJson({ file })
        else output.print(file)
        return
      }
      default:
        throw new UsageError(`'${action}' is not install, uninstall or manifest`)
    }
  },
}

function block({ name, version, from, commands }: CliPackage): string {
  const rows = columns(commands.map((command) => [command.name, command.summary] as const))
  const none = 'no command is known: it has no oclif.manifest.json'
  return [`${name} ${version} (${from})`, ...(rows.length > 0 ? rows : [none]).map((row) => `  ${row}`)].join('\n')
}
