class K_f5 {
  m0(v) { return f3(v) }
  async f5() {
    var b = await new Promise((yes, no) => {
      ;/* c1 */ db.query((error, b) => {
        if (error) return no(error)
        yes()
      })
    })
  }
}
