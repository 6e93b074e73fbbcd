// Imported first by every script, so that an old Node says what is wrong instead of a SyntaxError.
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Sealbook needs Node.js 20.19 or newer; this is ${process.versions.node}.`)
  console.error('Install a current one from https://nodejs.org and try again.')
  process.exit(1)
}
