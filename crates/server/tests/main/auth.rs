//! Who may do what: keys in every place, cookies with their token, links, and the bound on attempts.

use crate::rig::{API_KEY, APP_KEY, KEYS, PASSWORD, Rig};
use serde_json::json;

#[tokio::test]
async fn an_api_key_is_taken_from_every_place_and_told_where_it_was_wrong() {
    let rig = Rig::new().await;
    use base64::Engine;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("user:{API_KEY}"));
    let basic = format!("Basic {basic}");
    let bearer = format!("Bearer {API_KEY}");
    let in_query = format!("/api/v1/validate?api_key={API_KEY}");
    let good: [(&str, &str, &str); 4] = [
        ("/api/v1/validate", "DD-API-KEY", API_KEY),
        (&in_query, "x-nothing", "here"),
        ("/api/v1/validate", "Authorization", &bearer),
        ("/api/v1/validate", "Authorization", &basic),
    ];
    for (path, header, value) in good {
        let answer = rig.send("GET", path, &[(header, value)], "").await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({"valid": true})), "{path} {header}");
    }
    let bad = [
        ("/api/v1/validate", "DD-API-KEY", "wrong", "DD-API-KEY"),
        ("/api/v1/validate?api_key=wrong", "x-nothing", "here", "?api_key="),
        ("/api/v1/validate", "Authorization", "Bearer wrong", "Bearer"),
        ("/api/v1/validate", "DD-API-KEY", APP_KEY, "DD-API-KEY"),
        ("/api/v1/validate", "x-nothing", "here", "looked at the headers"),
    ];
    for (path, header, value, told) in bad {
        let answer = rig.send("GET", path, &[(header, value)], "").await;
        assert_eq!(answer.status, 403, "{path} {header}");
        let errors = answer.errors();
        assert!(errors.starts_with("Forbidden") && errors.contains(told), "{errors}");
    }
}

#[tokio::test]
async fn reading_takes_both_keys_or_a_cookie_and_a_stray_cookie_hurts_nobody() {
    let rig = Rig::new().await;
    let (cookie, _) = rig.login().await;
    let cases: [(&[(&str, &str)], u16); 7] = [
        (&KEYS, 200),
        (&KEYS[..1], 403),
        (&KEYS[1..], 403),
        (&[], 403),
        (&[("Cookie", &cookie)], 200),
        (&[("Cookie", "oriel_session=stray; other=1")], 403),
        (&[KEYS[0], KEYS[1], ("Cookie", "oriel_session=stray; other=1")], 200),
    ];
    for (headers, status) in cases {
        let answer = rig.send("GET", "/api/v1/dashboard", headers, "").await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
    }
    let series = rig.send("POST", "/api/v2/series", &[("Cookie", &cookie)], "{\"series\":[]}").await;
    assert_eq!(series.status, 403, "sending takes a key");
}

#[tokio::test]
async fn a_change_by_cookie_takes_the_csrf_token() {
    let rig = Rig::new().await;
    let (cookie, csrf) = rig.login().await;
    let body = json!({"title": "t", "widgets": [], "layout_type": "ordered"}).to_string();
    let cases: [(&[(&str, &str)], u16); 4] = [
        (&[("Cookie", &cookie), ("X-CSRF-Token", &csrf)], 200),
        (&[("Cookie", &cookie)], 403),
        (&[("Cookie", &cookie), ("X-CSRF-Token", "0123456789abcdef0123456789abcdef")], 403),
        (&[("X-CSRF-Token", &csrf)], 403),
    ];
    for (headers, status) in cases {
        let answer = rig.send("POST", "/api/v1/dashboard", headers, body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
    }
    let out = [("Cookie", cookie.as_str()), ("X-CSRF-Token", csrf.as_str())];
    assert_eq!(rig.send("POST", "/api/ui/logout", &out[..1], "").await.status, 403);
    assert_eq!(rig.send("POST", "/api/ui/logout", &out, "").await.status, 200);
    assert_eq!(rig.send("GET", "/api/ui/me", &out, "").await.status, 401, "the session is over");
}

#[tokio::test]
async fn a_login_sets_a_cookie_that_scripts_can_not_read() {
    let rig = Rig::new().await;
    let body = json!({"user": "admin", "password": PASSWORD}).to_string();
    let answer = rig.send("POST", "/api/ui/login", &[], body.clone()).await;
    assert_eq!(answer.json(), json!({"user": {"name": "admin"}, "org": {"name": "default"}}));
    let cookies: Vec<&str> =
        answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    let session = cookies.iter().find(|c| c.starts_with("oriel_session=")).unwrap();
    let csrf = cookies.iter().find(|c| c.starts_with("oriel_csrf=")).unwrap();
    assert!(session.contains("HttpOnly") && session.contains("SameSite=Lax"), "{session}");
    assert!(!csrf.contains("HttpOnly") && csrf.contains("SameSite=Lax"), "{csrf}");
    let cross = rig.send("POST", "/api/ui/login", &[("Sec-Fetch-Site", "cross-site")], body).await;
    assert_eq!(cross.status, 403, "another site's form logs nobody in");
}

#[tokio::test]
async fn logins_are_limited_and_the_wait_is_told() {
    let rig = Rig::new().await;
    let wrong = json!({"user": "admin", "password": "wrong"}).to_string();
    for n in 0..10 {
        let answer = rig.send("POST", "/api/ui/login", &[], wrong.clone()).await;
        assert_eq!(answer.status, 401, "attempt {n}");
    }
    let right = json!({"user": "admin", "password": PASSWORD}).to_string();
    let answer = rig.send("POST", "/api/ui/login", &[], right.clone()).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 200);
    rig.clock.advance(301_000);
    assert_eq!(rig.send("POST", "/api/ui/login", &[], right).await.status, 200);
}

#[tokio::test]
async fn a_login_link_works_once() {
    let rig = Rig::new().await;
    let token = rig.server.bootstrap().login_token.clone().unwrap();
    let path = format!("/login?token={token}");
    let first = rig.send("GET", &path, &[], "").await;
    assert_eq!((first.status.as_u16(), first.header("location")), (303, "/setup"), "nothing has arrived yet");
    let cookie = format!("oriel_session={}", first.cookie("oriel_session"));
    let me = rig.send("GET", "/api/ui/me", &[("Cookie", &cookie)], "").await.json();
    assert_eq!((me["user"]["name"].as_str(), me["first_run"].as_bool()), (Some("admin"), Some(true)));
    let again = rig.send("GET", &path, &[], "").await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, "/login?expired=1"));
    let same = rig.send("GET", &path, &[("Cookie", &cookie)], "").await;
    assert_eq!(same.header("location"), "/", "opened twice in one browser");
}

#[tokio::test]
async fn keys_are_made_listed_used_and_revoked() {
    let rig = Rig::new().await;
    let made = rig.change("POST", "/api/ui/keys", json!({"name": "ci", "kind": "api"})).await.json();
    let key = made["key"].as_str().unwrap().to_owned();
    let headers = [("DD-API-KEY", key.as_str())];
    assert_eq!(rig.send("GET", "/api/v1/validate", &headers, "").await.status, 200);
    let listed = rig.get("/api/ui/keys").await.json();
    let entry = listed["keys"].as_array().unwrap().iter().find(|k| k["name"] == "ci").unwrap().clone();
    assert_eq!(entry["hint"], key[28..]);
    assert!(!listed.to_string().contains(&key), "a key is told once");
    let gone =
        rig.change("DELETE", &format!("/api/ui/keys/{}", entry["id"].as_str().unwrap()), json!({})).await;
    assert_eq!(gone.status, 200);
    assert_eq!(rig.send("GET", "/api/v1/validate", &headers, "").await.status, 403);
    for bad in [json!({"name": "", "kind": "api"}), json!({"name": "x", "kind": "root"})] {
        assert_eq!(rig.change("POST", "/api/ui/keys", bad).await.status, 400);
    }
}
