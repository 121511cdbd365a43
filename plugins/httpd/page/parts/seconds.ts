import { useEffect, useState } from 'preact/hooks'

/** Have a component drawn each second, also while nothing comes. */
export function useSeconds(active: boolean): void {
  const [, again] = useState(0)
  useEffect(() => {
    if (!active) return
    const timer = setInterval(() => again((count) => count + 1), 1_000)
    return () => clearInterval(timer)
  }, [active])
}
