/** In the place of a report that cannot be read. */
export function Unreadable({ why }: { why: string }) {
  return (
    <main>
      <h1>No report</h1>
      <p>{why}</p>
      <p>
        <code>backhaul report</code> makes a new one.
      </p>
    </main>
  )
}
