import { basename } from 'node:path'
import { simpleCommands } from './command.ts'

/** What a program that runs another program, or a script, makes of its words. */
interface Runner {
  readonly name: RegExp
  /** Options whose value is the next word. */
  readonly valued?: RegExp
  /** Options after which no file is named: the program is in the words themselves, or it is a module. */
  readonly inline?: RegExp
  /** Words before the one that counts. */
  readonly skips?: number
  /** Whether it runs a program, which is looked up along PATH, and not a script. */
  readonly runsPrograms?: boolean
  /** What may be left out at the end of a script's name. */
  readonly endings?: readonly string[]
}

const nodeEndings = ['', '.js', '.mjs', '.cjs', '.ts', '.json', '/index.js', '/package.json']

const runners: readonly Runner[] = [
  { name: /^env$/, valued: /^-(u|C)$|^--(unset|chdir)$/, runsPrograms: true },
  { name: /^(nohup|setsid|exec|time|command)$/, runsPrograms: true },
  { name: /^nice$/, valued: /^-n$|^--adjustment$/, runsPrograms: true },
  { name: /^ionice$/, valued: /^-[cnp]$/, runsPrograms: true },
  { name: /^stdbuf$/, valued: /^-[ioe]$/, runsPrograms: true },
  { name: /^timeout$/, valued: /^-[ks]$|^--(signal|kill-after)$/, skips: 1, runsPrograms: true },
  { name: /^(sudo|doas)$/, valued: /^-[ugCDhpRrTt]$/, runsPrograms: true },
  {
    name: /^(node|nodejs|tsx|ts-node)(-?\d+)?$/,
    valued:
      /^(-r|-C|--require|--import|--loader|--experimental-loader|--conditions|--env-file|--watch-path|-P|--project)$/,
    inline: /^(-e|-p|-pe|--eval|--print|--test|-i|--interactive)$/,
    endings: nodeEndings,
  },
  { name: /^(bun|deno)$/, valued: /^(-c|--config|-r|--preload|--import-map)$/, inline: /^(-e|--eval|eval|test)$/ },
  { name: /^(python|pypy|pypyw|pythonw)[\d.]*$/, valued: /^-[WX]$|^--check-hash-based-pycs$/, inline: /^-[a-zA-Z]*c$/ },
  { name: /^(ruby|jruby)[\d.]*$/, valued: /^-[IrCE]$/, inline: /^-[a-z]*e$/ },
  { name: /^perl[\d.]*$/, valued: /^-I$/, inline: /^-[a-zA-Z]*[eE]$/ },
  { name: /^php[\d.]*$/, valued: /^-[cdz]$/, inline: /^-[rBRS]$/ },
  { name: /^(sh|bash|dash|zsh|ksh|ash)$/, valued: /^-o$|^--(rcfile|init-file)$/, inline: /^-[a-z]*c$/ },
  { name: /^(lua|luajit|Rscript|tclsh|escript|elixir|julia|groovy)[\d.]*$/, valued: /^-l$/, inline: /^-e$/ },
  { name: /^java$/, valued: /^(-cp|-classpath|--class-path|-p|--module-path)$/, inline: /^-m$/ },
]

const shell = /^(sh|bash|dash|zsh|ksh|ash)$/
/** Words that say what to do, between an interpreter and its script. */
const verbs = /^run$/

/** What is to be looked up for a command: a program along PATH, or a script in the working folder. */
export interface Wanted {
  /** `module`: a script that may as well lie elsewhere, where it is not followed. */
  readonly kind: 'program' | 'script' | 'module'
  readonly name: string
  /** The names it may have, in order. */
  readonly endings: readonly string[]
}

/** Which files are run by these words: what an interpreter interprets rather than the interpreter. */
export function wantedOf(words: readonly string[], depth = 0): Wanted[] {
  const [program, ...rest] = words
  if (program === undefined) return []
  const self: Wanted = { kind: 'program', name: program, endings: [''] }
  const runner = runners.find(({ name }) => name.test(basename(program)))
  if (!runner || depth > 8) return [self]
  const { valued, inline, runsPrograms, endings = [''] } = runner
  let skips = runner.skips ?? 0
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at]!
    if (inline?.test(word)) {
      const script = rest[at + 1]
      return shell.test(basename(program)) && script !== undefined ? within(script, depth) : [self]
    }
    if (/^python|^pypy/.test(basename(program)) && /^-[a-zA-Z]*m$/.test(word)) return moduleOf(rest[at + 1]) ?? [self]
    if (runsPrograms && /^(-S|--split-string)$/.test(word)) return within(rest.slice(at + 1).join(' '), depth)
    if (valued?.test(word)) at++
    else if (word === '-jar' || word === '-f') continue
    else if (word.startsWith('-') && word !== '-') continue
    else if (runsPrograms && /^\w+=/.test(word)) continue
    else if (skips > 0) skips--
    else if (runsPrograms) return wantedOf(rest.slice(at), depth + 1)
    else if (/^(bun|deno)$/.test(basename(program)) && verbs.test(word)) continue
    else return word === '-' ? [self] : [{ kind: 'script', name: word, endings }]
  }
  return [self]
}

function within(script: string, depth: number): Wanted[] {
  try {
    return simpleCommands(script).flatMap((words) => wantedOf(words, depth + 1))
  } catch {
    return []
  }
}

/** A module of Python that lies in the working folder; one that is installed elsewhere is not looked for. */
function moduleOf(name: string | undefined): Wanted[] | undefined {
  if (name === undefined || !/^[\w.]+$/.test(name)) return undefined
  return [{ kind: 'module', name: name.replaceAll('.', '/'), endings: ['.py', '/__main__.py'] }]
}
