import { inWords } from '../lib/memory.ts'
import type { Limits } from './options.ts'

/** What one process uses, as far as that is known. */
export interface Figures {
  readonly pid: number
  /** Percent of a processor. */
  readonly cpu: number | undefined
  /** Percent of the machine's memory. */
  readonly mem: number | undefined
  /** Resident memory. */
  readonly bytes: number | undefined
}

/** The limits, as the original's counters call their passing. */
export type Kind = 'over_cpu' | 'under_cpu' | 'over_memory' | 'under_memory' | 'over_health'

/** A limit that is passed. */
export interface Finding {
  readonly kind: Kind
  /** The option that sets the limit, and what it is. */
  readonly option: string
  readonly limit: number
  readonly value: number
  /** The process whose value that is. */
  readonly pid: number
  /** Value and limit, for people. */
  readonly words: string
}

/**
 * Which limits some processes pass: for the upper ones the process that uses most counts, for the lower ones the one
 * that uses least. What cannot be read passes none.
 */
export function findingsOf(processes: readonly Figures[], limits: Limits): Finding[] {
  const { max_cpu, min_cpu, max_mem, min_mem, health_threshold } = limits
  const found: Finding[] = []
  const cpu = known(processes, ({ cpu }) => cpu)
  const mem = known(processes, ({ mem }) => mem)
  const amount = (unit: 'percent' | 'bytes') => (unit === 'percent' ? mem : known(processes, ({ bytes }) => bytes))
  const most = cpu.at(-1)
  if (most && max_cpu > 0 && most.value > max_cpu) {
    const words = `uses ${percent(most.value)} of a processor, more than max_cpu = ${max_cpu}`
    found.push({ kind: 'over_cpu', option: 'max_cpu', limit: max_cpu, ...most, words })
  }
  const least = cpu[0]
  if (least && min_cpu !== undefined && least.value <= min_cpu) {
    const words = `uses ${percent(least.value)} of a processor, not more than min_cpu = ${min_cpu}`
    found.push({ kind: 'under_cpu', option: 'min_cpu', limit: min_cpu, ...least, words })
  }
  const largest = amount(max_mem.unit).at(-1)
  if (largest && max_mem.amount > 0 && largest.value > max_mem.amount) {
    const words = `uses ${memoryWords(largest.value, max_mem.unit)}, more than max_mem = ${max_mem.written}`
    found.push({ kind: 'over_memory', option: 'max_mem', limit: max_mem.amount, ...largest, words })
  }
  const smallest = min_mem && amount(min_mem.unit)[0]
  if (smallest && smallest.value <= min_mem.amount) {
    const words = `uses ${memoryWords(smallest.value, min_mem.unit)}, not more than min_mem = ${min_mem.written}`
    found.push({ kind: 'under_memory', option: 'min_mem', limit: min_mem.amount, ...smallest, words })
  }
  const fullest = mem.at(-1)
  const health = most && fullest ? { pid: most.pid, value: (most.value + fullest.value) / 2 } : undefined
  if (health && health_threshold > 0 && health.value > health_threshold) {
    const both = `${percent(health.value)} of processor and memory, the mean of both`
    const words = `uses ${both}, more than health_threshold = ${health_threshold}`
    found.push({ kind: 'over_health', option: 'health_threshold', limit: health_threshold, ...health, words })
  }
  return found
}

/** Those that are known, the least first. */
function known(processes: readonly Figures[], of: (process: Figures) => number | undefined) {
  return processes
    .flatMap((process) => {
      const value = of(process)
      return value === undefined ? [] : [{ pid: process.pid, value }]
    })
    .sort((one, other) => one.value - other.value)
}

const percent = (value: number): string => `${Math.round(value * 1000) / 1000}%`

const memoryWords = (value: number, unit: 'percent' | 'bytes'): string =>
  unit === 'percent' ? `${percent(value)} of the memory` : `${inWords(value)} of memory`
