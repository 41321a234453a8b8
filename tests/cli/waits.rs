//! What waiting costs, for people and for scripts.

use super::Project;

/// Three calls of which the last two could be waited for together.
const PAGE: &str = "async function page(id) {\n  const user = await getUser(id);\n  const orders = await db.findOrders(user.id);\n  \
    const prices = await getPrices(user.plan);\n  return [orders, prices];\n}\nmodule.exports = page;\n";

/// Calls of which each needs the one before.
const CHAIN: &str = "async function page(id) {\n  const user = await getUser(id);\n  const { plan } = user;\n  \
    const prices = await getPrices(plan);\n  return await listAll(prices);\n}\nmodule.exports = page;\n";

const SCAN: [&str; 3] = ["scan", "--pattern", "sequential-awaits"];

#[test]
fn the_waits_are_counted_for_people() {
    let project = Project::new(&[("a.js", PAGE)]);
    let text = project.run(&[&SCAN[..], &["a.js"]].concat()).expect(1).text();
    assert!(text.contains("    costs: 3 waits one after the other -> 2, presumed\n"), "{text}");
    assert!(text.contains("a.js:2:3: review: sequential-awaits: "), "{text}");
    assert!(text.contains("    assumes: "), "{text}");
}

#[test]
fn known_latencies_are_added_up() {
    let table = "[waits]\nlatency = 10\n[waits.latencies]\n\"db.findOrders\" = 40\n";
    let project = Project::new(&[("a.js", PAGE), ("unpyramid.toml", table)]);
    let text = project.run(&[&SCAN[..], &["a.js"]].concat()).text();
    assert!(text.contains("3 waits one after the other -> 2 (60 ms -> 50 ms), presumed"), "{text}");
    let text = project.run(&[&SCAN[..], &["a.js", "--latency", "20"]].concat()).text();
    assert!(text.contains("(80 ms -> 60 ms)"), "{text}");
}

#[test]
fn scripts_read_both_schedules() {
    let project = Project::new(&[("a.js", PAGE)]);
    let out = project.run(&[&SCAN[..], &["a.js", "--format", "json", "--latency", "5"]].concat()).text();
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    let finding = &document["findings"][0];
    let calls = |schedule: &serde_json::Value| -> Vec<Vec<String>> {
        let call = |wait: &serde_json::Value| wait["call"].as_str().unwrap().to_owned();
        let waves = schedule["waves"].as_array().unwrap().iter();
        waves.map(|wave| wave.as_array().unwrap().iter().map(call).collect()).collect()
    };
    let schedule = &finding["schedule"];
    assert_eq!(calls(&schedule["before"]), [["getUser"], ["db.findOrders"], ["getPrices"]]);
    assert_eq!(calls(&schedule["after"]), [vec!["getUser"], vec!["db.findOrders", "getPrices"]]);
    assert_eq!(schedule["before"]["milliseconds"], 15.0);
    assert_eq!(schedule["after"]["milliseconds"], 10.0);
    assert_eq!(finding["grounds"], "presumed");
    let place = &schedule["after"]["waves"][1][1]["start"];
    assert_eq!((&place["line"], &place["column"]), (&4.into(), &24.into()), "{place}");
}

#[test]
fn a_chain_of_awaits_is_no_finding() {
    let project = Project::new(&[("a.js", CHAIN)]);
    let text = project.run(&[&SCAN[..], &["a.js"]].concat()).expect(0).text();
    assert_eq!(text, "no findings in 1 file\n");
}

/// An async function hands over all its failures in its promise, also one of another file; of others that is taken for granted.
#[test]
fn what_is_thrown_at_once_by_the_projects_async_functions_is_known() {
    let page = "const { getUser } = require('./users');\nconst { getOrders } = require('./orders');\n\n\
        async function page(id) {\n  const user = await getUser(id);\n  const orders = await getOrders(id);\n  \
        return [user, orders];\n}\nmodule.exports = page;\n";
    let users = "exports.getUser = async (id) => fetch(`/users/${id}`);\n";
    let orders = |kind: &str| format!("exports.getOrders = {kind}(id) => fetch(`/orders/${{id}}`);\n");
    let project = Project::new(&[("page.js", page), ("users.js", users), ("orders.js", &orders("async "))]);
    let diff = |project: &Project| project.run(&["diff", "--unsafe", "--pattern", "sequential-awaits"]).text();
    let scan = |project: &Project| project.run(&["scan", "--pattern", "sequential-awaits"]).text();
    let plainly = "+  const [user, orders] = await Promise.all([getUser(id), getOrders(id)]);\n";
    let trust = "Nothing is thrown at once where `getOrders` is called: what fails there fails in the promise.";
    assert!(diff(&project).contains(plainly) && !scan(&project).contains(trust), "{}", scan(&project));
    project.write("orders.js", orders("").as_bytes());
    assert!(diff(&project).contains(plainly) && scan(&project).contains(trust), "{}", scan(&project));
}
