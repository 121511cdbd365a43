import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

/** What is asked before something is done that cannot be undone. */
export interface Question {
  readonly title: string
  /** What it will hit, in words. */
  readonly text: string
  /** The names of what it will hit, when they are several. */
  readonly names?: readonly string[]
  /** What the button says that does it. */
  readonly confirm: string
}

const asked = signal<{ question: Question; answer: (yes: boolean) => void } | undefined>(undefined)

/** Ask. Whatever closes the question but its button is a no. */
export function confirmed(question: Question): Promise<boolean> {
  asked.value?.answer(false)
  return new Promise((resolve) => {
    asked.value = {
      question,
      answer: (yes) => {
        asked.value = undefined
        resolve(yes)
      },
    }
  })
}

/** Where questions are asked: once in the page. */
export function QuestionDialog() {
  const dialog = useRef<HTMLDialogElement>(null)
  const now = asked.value
  useEffect(() => {
    if (now && !dialog.current?.open) dialog.current?.showModal()
  }, [now])
  if (!now) return null
  const { question, answer } = now
  const { title, text, names = [], confirm } = question
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="question"
      aria-describedby="question-text"
      onClose={() => answer(false)}
    >
      <h2 id="question">{title}</h2>
      <p id="question-text">{text}</p>
      {names.length > 1 && (
        <ul class="names" tabIndex={0} aria-label="What it hits">
          {names.map((name) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
      )}
      <div class="buttons">
        <button type="button" class="button" onClick={() => answer(false)}>
          Cancel
        </button>
        <button type="button" class="button danger" onClick={() => answer(true)}>
          {confirm}
        </button>
      </div>
    </dialog>
  )
}
