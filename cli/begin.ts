/** A command line of a program that does but one thing, read. */
export type Line<Options> =
  | { readonly id: 'wrong'; readonly reason: string }
  | { readonly id: 'help' }
  | { readonly id: 'version' }
  | { readonly id: 'run'; readonly options: Options }

/** Do what a command line of the program `name` says: `run` it, or tell. Sets `process.exitCode` to 2 when it is wrong. */
export async function begin<Options>(
  name: string,
  usage: string,
  line: Line<Options>,
  run: (options: Options) => Promise<void>,
): Promise<void> {
  switch (line.id) {
    case 'wrong':
      process.stderr.write(`${name}: ${line.reason}\n${usage}`)
      process.exitCode = 2
      return
    case 'help':
      process.stdout.write(usage)
      return
    case 'version': {
      const { version } = await import('./version.ts')
      process.stdout.write(`${version()}\n`)
      return
    }
    case 'run':
      return run(line.options)
    default:
      line satisfies never
  }
}
