/* global window, document, location, HTMLScriptElement */
/*
 * Speaks when the app itself cannot: its files did not come, or this browser does not understand
 * them. Written for browsers of any age, and dependent on nothing. The app takes its place by
 * setting data-started on the root element (src/app/main.tsx).
 */
;(function () {
  var quietMs = 10000
  var root = document.documentElement

  function say(title, text) {
    var place = document.getElementById('start')
    if (place === null || root.hasAttribute('data-started')) return
    document.getElementById('start-title').textContent = title
    document.getElementById('start-text').textContent = text
    place.hidden = false
  }

  function sayTooOld() {
    say(
      'This browser is too old',
      'It does not understand the files of Sealbook. Update it, or open Sealbook in a current Chrome, Edge, Firefox or Safari.',
    )
  }

  function sayNotLoaded() {
    say(
      'Sealbook did not load',
      'Some of its files did not come. Check the network, then try again. If that does not help, an extension of the browser may be holding them back.',
    )
  }

  function onError(event) {
    if (event.target instanceof HTMLScriptElement) sayNotLoaded()
    else if (event.error instanceof SyntaxError) sayTooOld()
    else if (event instanceof window.ErrorEvent)
      say('Sealbook could not start', 'The browser says: ' + event.message)
  }

  window.addEventListener('error', onError, true)
  document.addEventListener('DOMContentLoaded', function () {
    document.getElementById('start-again').addEventListener('click', function () {
      location.reload()
    })
    if (!('noModule' in HTMLScriptElement.prototype)) sayTooOld()
  })
  window.setTimeout(function () {
    say(
      'Sealbook is still loading',
      'Its files are taking long to come. It opens by itself once they are here; you can also try again.',
    )
  }, quietMs)
})()
