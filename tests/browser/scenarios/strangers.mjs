// A page of somebody else's, open in the same browser as a served preview, learns nothing of it: neither by asking, nor by
// showing it, nor by giving the server a name of its own.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { shows } from '../words.mjs'

const PAGE = `<!doctype html><title>Elsewhere</title><script>
  const tried = (promise) => promise.then(() => "got it", () => "refused");
  const loads = (tag, attribute, url) => new Promise((done, fail) => {
    const element = document.createElement(tag);
    element.onload = done;
    element.onerror = fail;
    element[attribute] = url;
    document.head.append(element);
  });
  const follows = (url) => new Promise((done, fail) => {
    const events = new EventSource(url);
    events.onmessage = done;
    events.onerror = fail;
  });
  window.attack = async (base, picture) => ({
    read: await tried(fetch(base)),
    blind: await tried(fetch(base, { mode: "no-cors" })),
    picture: await tried(loads("img", "src", base + picture)),
    script: await tried(loads("script", "src", base)),
    events: await tried(follows(base + "-/events")),
  });
</script>`

/** A server on this machine that keeps nothing to itself: that it is read shows that the attacks are good. */
async function careless() {
  const types = { '/': 'text/javascript', '/dot.svg': 'image/svg+xml', '/-/events': 'text/event-stream' }
  const bodies = { '/': '1', '/dot.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>', '/-/events': 'data: 1\n\n' }
  const server = createServer(({ url }, answer) => {
    answer.writeHead(200, { 'content-type': types[url], 'access-control-allow-origin': '*' })
    answer.end(bodies[url])
  })
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  return server
}

export default async function ({ page, address, picture }) {
  await shows(page, 'the message', seen => seen.text.includes('Hello '))
  const context = await page.context().browser().newContext()
  const other = await context.newPage()
  await context.route('http://elsewhere.example/', route => route.fulfill({ contentType: 'text/html', body: PAGE }))
  await other.goto('http://elsewhere.example/')
  const attack = (base, picture) => other.evaluate(([base, picture]) => window.attack(base, picture), [base, picture])
  const each = result => ({ read: result, blind: result, picture: result, script: result, events: result })

  const server = await careless()
  const got = await attack(`http://127.0.0.1:${server.address().port}/`, 'dot.svg')
  server.closeAllConnections()
  server.close()
  assert.deepEqual(got, each('got it'))
  assert.deepEqual(await attack(address, picture), each('refused'))

  // In a frame: the browser shows an error of its own instead.
  await other.evaluate(url => {
    const frame = document.createElement('iframe')
    document.body.append(frame)
    return new Promise(done => {
      frame.onload = done
      frame.src = url
    })
  }, address)
  const [frame] = other.mainFrame().childFrames()
  assert.doesNotMatch(await frame.content(), /Hello|Week 7|id="data"/)

  // By a name that leads to this machine, which harness.mjs gives it.
  const rebound = `http://rebound.example:${new URL(address).port}/`
  const answer = await other.goto(rebound)
  assert.ok(answer.status() >= 400, `${rebound} is answered with ${answer.status()}`)
  assert.doesNotMatch(await other.content(), /Hello|Week 7|id="data"/)
  await context.close()
}
