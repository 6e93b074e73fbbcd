import type { RecoveryKit } from './kit.ts'

/** One sheet of paper; on the screen it is not there. Black on white, whatever the theme. */
export function PrintedKit({ kit }: { kit: RecoveryKit }) {
  return (
    <div
      data-printed-kit
      className="hidden p-10 text-[12pt] leading-normal text-[black] print:block"
    >
      <p className="text-[22pt] font-semibold">Sealbook recovery key</p>
      <p className="mt-2 max-w-140">
        These words open your ledger when the secret key is lost. Nobody can give them to you again.
        Keep this sheet safe and show it to no one.
      </p>
      <dl className="mt-6 grid w-fit grid-cols-[auto_auto] gap-x-8 gap-y-1">
        <dt>Account</dt>
        <dd className="font-medium">{kit.email}</dd>
        <dt>Address</dt>
        <dd className="font-medium">{kit.origin}</dd>
        <dt>Made on</dt>
        <dd className="font-medium">{kit.madeOn}</dd>
      </dl>
      <ol className="mt-8 grid grid-flow-col grid-cols-3 grid-rows-8 gap-x-8 gap-y-3 border-y-2 border-[black] py-6 font-mono">
        {kit.words.map((word, at) => (
          <li key={at}>
            {String(at + 1).padStart(2, '0')} {word}
          </li>
        ))}
      </ol>
      <p className="mt-8">Where the secret key is kept: ______________________________________</p>
    </div>
  )
}
