/** Sealbook's mark: a book's page closed by a seal. Decorative; write the name beside it. */
export function SealMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className ?? 'size-8'} aria-hidden>
      <rect width="32" height="32" rx="9" fill="var(--accent)" />
      <path
        d="M10 7.5h9.5a3 3 0 0 1 3 3V18M10 7.5A2.5 2.5 0 0 0 7.5 10v12.5A2.5 2.5 0 0 0 10 25h4.5M11.5 12.5h6.5M11.5 16.5h3.5"
        fill="none"
        stroke="var(--on-accent)"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="20.5" cy="21" r="4.6" fill="var(--on-accent)" />
      <path
        d="m18.7 21.1 1.3 1.3 2.4-2.6"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
