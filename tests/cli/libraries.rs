//! Functions whose callers use promises of a library.

use super::Project;

const USERS: &str = "\
const { User } = require('./models');
exports.all = () => User.findAll().then(users => users.filter(isActive)).then(users => users.map(nameOf));
";

/// Whether the function of `users.js` is left alone where another file uses what it returns.
fn is_left_alone(user: &str, package: &str) -> bool {
    let project = Project::new(&[("package.json", package), ("users.js", USERS), ("page.js", user)]);
    project.run(&["apply", "--pattern", "then-chain", "users.js", "page.js"]).expect(0);
    project.text("users.js") == USERS
}

const SEQUELIZE: &str = r#"{ "name": "pages", "dependencies": { "sequelize": "^4.44.0" } }"#;
const NONE: &str = r#"{ "name": "pages" }"#;

#[test]
fn a_promise_of_a_library_is_followed_from_hand_to_hand() {
    for user in [
        // The function returns what another one does.
        "exports.list = () => users.all();\nexports.show = () => service.list().tap(log);\n",
        "function list() {\n  const found = users.all();\n  return found;\n}\nlist().spread(show);\n",
        "exports.list = () => users.all().then(sorted);\nexports.show = () => list().delay(10);\n",
        "const service = { list: users.all };\nservice.list().tap(log);\n",
        // It is kept for a while.
        "const found = users.all();\nfound.tap(log);\n",
        "let found;\nfound = isOpen ? users.all() : none();\nfound.tap(log);\n",
        "(cached || users.all()).tap(log);\n",
        // What only promises have comes in front.
        "users.all().then(sorted).map(show);\n",
        "users.all().catch(TypeError, log);\n",
    ] {
        assert!(is_left_alone(user, NONE), "{user}");
    }
    for user in [
        // An async function makes a promise of its own.
        "exports.list = async () => users.all();\nexports.show = () => list().tap(log);\n",
        // It is waited for.
        "async function show() {\n  const found = await users.all();\n  found.tap(log);\n}\n",
        "users.all().then(show);\n",
        "users.all().catch(log);\n",
        "service.all.tap(log);\n",
    ] {
        assert!(!is_left_alone(user, NONE), "{user}");
    }
}

#[test]
fn a_name_that_is_put_together_may_mean_any_function() {
    for (user, is_meant) in [
        ("users[name]().tap(log);\n", true),
        ("users[name].call(users).tap(log);\n", true),
        ("users.all.apply(users, list).tap(log);\n", true),
        ("users[name]().then(log);\nusers[name]().map(log);\n", false),
        ("users.other.call(users).tap(log);\n", false),
    ] {
        assert_eq!(is_left_alone(user, SEQUELIZE), is_meant, "{user}");
    }
    assert!(!is_left_alone("users[name]().tap(log);\n", NONE));
    let kept = "exports[name] = () => User.findAll().then(users => users.filter(isActive)).then(users => users.map(nameOf));\n";
    for (user, is_meant) in [("other.some().tap(log);\n", true), ("other.some().then(log);\n", false)] {
        let project = Project::new(&[("package.json", SEQUELIZE), ("kept.js", kept), ("page.js", user)]);
        project.run(&["apply", "--pattern", "then-chain", "kept.js", "page.js"]).expect(0);
        assert_eq!(project.text("kept.js") == kept, is_meant, "{user}");
    }
}

#[test]
fn words_of_arrays_count_where_promises_may_be_bluebirds() {
    for user in ["users.all().map(show);\n", "const found = users.all();\nfound.each(show);\n"] {
        assert!(is_left_alone(user, SEQUELIZE), "{user}");
        assert!(!is_left_alone(user, NONE), "{user}");
    }
    for user in [
        "const found = await users.all();\nfound.map(show);\n",
        // Native promises have these as well.
        "users.all().then(sorted);\nusers.all().catch(log);\n",
        "const list = async () => users.all();\nlist().map(show);\n",
        "const list = function* () {\n  return users.all();\n};\nlist().map(show);\n",
    ] {
        assert!(!is_left_alone(user, SEQUELIZE), "{user}");
    }
}

/// A function that hands over what an expression gives.
fn handing_over(result: &str) -> String {
    format!(
        "const Post = require('./post');\nexports.visible = function (users, id, cb) {{\n  users.get(id, (err, user) => {{\n    \
         if (err) return cb(err);\n    let query = {result};\n    if (user.isNew) query = query.limit(1);\n    cb(null, query);\n  \
         }});\n}};\n"
    )
}

#[test]
fn a_query_is_no_result_of_a_promise() {
    let is_kept = |result: &str, package: &str| {
        let text = handing_over(result);
        let project = Project::new(&[("package.json", package), ("visible.js", &text)]);
        project.run(&["migrate"]).expect(0);
        project.text("visible.js") == text
    };
    for query in [
        "Post.find({ author: user.id })",
        "Post.scope(user).limit(10)",
        "user.posts().where('hidden', false)",
        "users.Post.find({ author: user.id })",
        "this.postModel.find(user)",
        "this.posts.find(user).populate('author')",
    ] {
        assert!(is_kept(query, SEQUELIZE), "{query}");
        assert!(!is_kept(query, NONE), "{query}");
    }
    for value in ["user.posts.find({ hidden: false })", "Post.find((post) => post.author)", "Object.create(user)"] {
        assert!(!is_kept(value, SEQUELIZE), "{value}");
    }
}
