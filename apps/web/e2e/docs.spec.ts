import { expect, test } from '@playwright/test'
import { startStack } from '@sealbook/testing/browser'

test("the API's documentation keeps to the origin's policy", async ({ page }) => {
  const stack = await startStack()
  try {
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await page.goto(`${stack.url}/api/docs`)
    await page
      .getByRole('button', { name: /\/api\/sync\/upload/ })
      .first()
      .click()
    await expect(page.getByRole('heading', { name: 'Responses' })).toBeVisible()
    expect(complaints).toEqual([])
  } finally {
    await stack.dispose()
  }
})
