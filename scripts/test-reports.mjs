import path from 'node:path'
import { root } from './run.mjs'

/** A file that does not even load has no failing test of its own. */
export function readVitest({ numPassedTests, testResults }) {
  const failed = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = path.relative(root, name)
    const tests = assertionResults.filter((test) => test.status === 'failed')
    if (tests.length === 0 && status === 'failed') return [`${file}: ${message}`]
    return tests.map((test) => `${file}: ${test.fullName}\n${test.failureMessages.join('\n')}`)
  })
  return { passed: numPassedTests, failed }
}

/** A test that passed only when repeated has failed; so has one that was skipped. */
export function readPlaywright({ stats, errors, suites }) {
  const failed = suites
    .flatMap(specsOf)
    .flatMap(({ file, title, tests }) =>
      tests
        .filter(({ status }) => status !== 'expected')
        .map((test) => [`${test.projectName}, ${file}: ${title}`, ...messagesOf(test)].join('\n')),
    )
  return { passed: stats.expected, failed: [...failed, ...errors.map(({ message }) => message)] }
}

function specsOf({ specs, suites = [] }) {
  return [...specs, ...suites.flatMap(specsOf)]
}

function messagesOf({ results }) {
  return results.flatMap(({ errors = [] }) => errors.map(({ message }) => message))
}
