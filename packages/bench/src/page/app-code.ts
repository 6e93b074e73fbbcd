/** The app's own code once more, in its page, where nothing of it can be reached otherwise. */
export * from '@sealbook/web/bench'
export { timeWrites } from './write-to-rendered.ts'
export { watchMainThread } from './main-thread.ts'
export { untilRowsAreHere } from './rows-here.ts'
