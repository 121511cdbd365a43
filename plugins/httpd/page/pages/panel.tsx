import { useEffect, useState } from 'preact/hooks'
import { ask } from '../client.ts'
import { Heading } from '../parts/heading.tsx'
import { Reply } from '../parts/reply.tsx'
import { may } from '../session.ts'
import { link, state } from '../store/store.ts'

/** How often a plugin's command is asked while somebody looks, in milliseconds. */
const ASK_MS = 2_000

/** What a command of a plugin replies, asked for again and again. */
export function PanelPage({ command }: { command: string }) {
  const { panels = {} } = state.value ?? {}
  const panel = Object.hasOwn(panels, command) ? panels[command] : undefined
  const isLive = link.value.id === 'live'
  const { reply, failure } = useReply(command, isLive && panel !== undefined && may(panel.role))
  if (!panel) return <Heading title="There is no such panel, or no more" />
  return (
    <>
      <Heading title={panel.title} />
      {panel.summary !== '' && <p class="note">{panel.summary}</p>}
      {failure !== undefined && (
        <p class="wrong" role="alert">
          {failure}
        </p>
      )}
      {reply && <Reply reply={reply} title={panel.title} />}
    </>
  )
}

/** The last reply, and why there is no later one. */
function useReply(command: string, asks: boolean) {
  const [reply, setReply] = useState<object>()
  const [failure, setFailure] = useState<string>()
  useEffect(() => {
    if (!asks) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let isOver = false
    const look = async () => {
      try {
        if (document.visibilityState === 'visible') {
          const now = await ask<object>(command)
          if (isOver) return
          setReply(now)
          setFailure(undefined)
        }
      } catch (error) {
        if (!isOver) setFailure((error as Error).message)
      }
      if (!isOver) timer = setTimeout(look, ASK_MS)
    }
    void look()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [command, asks])
  return { reply, failure }
}
