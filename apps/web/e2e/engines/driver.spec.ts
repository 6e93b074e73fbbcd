import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { expect, test } from './in-engine.ts'

const html = `<!doctype html><title>Driver</title>
<h1>Driver</h1>
<label><input type="checkbox" style="position:absolute;opacity:0;width:1px"> Agreed</label>
<label>Name <input></label>
<button onclick="document.title = document.querySelector('label input:not([type])').value">Go</button>
<div onmousemove="document.querySelector('p').style.height = '80px'"><p style="margin:0"></p>
<button onclick="document.title = 'caught'">Runs away once</button></div>
<div style="height:3000px"></div>
<button onclick="document.title = 'far'">Far below</button>`

test.describe('the driver', () => {
  let server: Server
  let url: string

  test.beforeAll(async () => {
    server = createServer((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(html)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port was given')
    url = `http://localhost:${address.port}`
  })

  test.afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  test('presses, types and scrolls as a person does', async ({ tab }) => {
    await tab.goto(url)
    await tab.click({ role: 'checkbox', name: 'Agreed' })
    expect(await tab.evaluate(() => document.querySelector('input')?.checked)).toBe(true)
    const name = { role: 'textbox', name: 'Name' } as const
    await tab.fill(name, 'Zoë 1')
    await tab.fill(name, 'Zoë 2')
    await tab.click({ role: 'button', name: 'Go' })
    expect(await tab.evaluate(() => document.title)).toBe('Zoë 2')
    await tab.press('Shift+Tab')
    await tab.press('Control+a')
    await tab.press('Delete')
    await tab.click({ role: 'button', name: 'Go' })
    await tab.click({ role: 'button', name: 'Runs away once' })
    expect(await tab.evaluate(() => document.title)).toBe('caught')
    await tab.click({ role: 'button', name: 'Far below' })
    expect(await tab.evaluate(() => document.title)).toBe('far')
    await tab.waitForText('Driver')
    await expect(tab.click({ role: 'link' }, { timeout: 100 })).rejects.toThrow('Far below')
    await expect(
      tab.evaluate(() => {
        throw new Error('thrown in the page')
      }),
    ).rejects.toThrow('thrown in the page')
  })

  test('goes back and forward, and shares a profile between windows only', async ({ launch }) => {
    const device = await launch()
    const one = await device.newPage()
    await one.goto(`${url}/first`)
    await one.evaluate(() => localStorage.setItem('shared', 'yes'))
    const two = await device.newPage()
    await two.goto(`${url}/second`)
    // Between processes it takes its time.
    await two.waitUntil(() => localStorage.getItem('shared') === 'yes')
    await two.goto(`${url}/third`)
    await two.back()
    await two.waitUntil(() => location.pathname === '/second')
    await two.forward()
    await two.waitUntil(() => location.pathname === '/third')
    await two.close()
    await one.waitForText('Driver')
    const other = await (await launch()).newPage()
    await other.goto(url)
    expect(await other.evaluate(() => localStorage.getItem('shared'))).toBeNull()
  })

  test('speaks the language of its machine, also when that has none', async ({ launch }) => {
    const languages = async (locale: 'C' | 'en_US.UTF-8') => {
      const page = await (await launch({ locale })).newPage()
      await page.goto(url)
      return await page.evaluate(() => navigator.language)
    }
    expect(await languages('en_US.UTF-8')).toBe('en-US')
    expect(['C', 'en-US']).toContain(await languages('C'))
  })
})
