import { bin, runToEnd } from './program.ts'

/** What `circusctl` writes on a pseudo-terminal so many columns wide, escape sequences and all. `2>` and the like work. */
export async function onTerminal(columns: number, line: string, env: Record<string, string> = {}): Promise<string> {
  const variables = Object.entries({ TERM: 'xterm-256color', ...env }).map(([name, value]) => `'${name}=${value}'`)
  // Node takes a terminal in an unknown CI for one without colours.
  const clean = ['env', ...['NO_COLOR', 'FORCE_COLOR', 'CI'].map((name) => `-u ${name}`), ...variables].join(' ')
  const command = `stty cols ${columns} -onlcr; ${clean} '${process.execPath}' '${bin('circusctl')}' ${line}`
  const { stdout } = await runToEnd('script', ['-qec', command, '/dev/null'])
  return stdout
}
