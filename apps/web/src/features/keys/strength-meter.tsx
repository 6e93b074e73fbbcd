import type { Strength, StrengthLevel } from './strength.ts'

const words: Record<StrengthLevel, string> = {
  weak: 'Too weak',
  fair: 'Fair',
  strong: 'Strong',
  excellent: 'Excellent',
}

const colours: Record<StrengthLevel, string> = {
  weak: 'bg-danger',
  fair: 'bg-warning',
  strong: 'bg-accent',
  excellent: 'bg-accent',
}

/** A bar, a word and advice. Keeps its height while the estimate is on its way. */
export function StrengthMeter({ strength }: { strength: Strength | null }) {
  return (
    <div>
      <div className="h-1.5 overflow-hidden rounded-full bg-line" aria-hidden>
        <div
          className={`h-full rounded-full transition-[width] duration-300 ease-out ${strength === null ? '' : colours[strength.level]}`}
          style={{ width: `${(strength?.share ?? 0) * 100}%` }}
        />
      </div>
      <p role="status" className="mt-1.5 min-h-5 text-sm text-ink-soft">
        {strength !== null && (
          <>
            Strength: <span className="font-medium text-ink">{words[strength.level]}</span>
            {strength.advice !== '' && `. ${strength.advice}`}
          </>
        )}
      </p>
    </div>
  )
}
