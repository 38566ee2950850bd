//! What a receiver's answer means.

use std::{error::Error, time::Duration};

use reqwest::{Response, StatusCode, header};

use super::{super::Fault, resolver::NotAllowed};

/// What is read of an answer, so that its connection can be used again. What is more ends the connection.
const MAX_BYTES: usize = 4096;

/// Ends well if the receiver took it.
pub(super) async fn read(mut response: Response) -> Result<(), Fault> {
    let status = response.status();
    if status.is_success() {
        let mut read = 0;
        // An answer that is cut short is one: what was sent has been taken.
        while read < MAX_BYTES
            && let Ok(Some(chunk)) = response.chunk().await
        {
            read += chunk.len();
        }
        return Ok(());
    }
    let cause = format!("the receiver answered {}", status.as_u16());
    let passing = status.is_server_error()
        || matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY
        );
    if passing { Err(Fault::Passing { cause, wait: wait(&response) }) } else { Err(Fault::Lasting(cause)) }
}

/// What `Retry-After` says, in seconds; its other form, a date, is not worth a clock that both agree on.
fn wait(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse::<u32>().ok()?;
    Some(Duration::from_secs(seconds.into()))
}

/// A receiver that was not reached, or did not answer.
pub(super) fn unreachable(error: reqwest::Error) -> Fault {
    let error = error.without_url();
    if error.is_timeout() {
        return Fault::passing("the receiver did not answer in time");
    }
    let causes: Vec<&dyn Error> = std::iter::successors(error.source(), |&cause| cause.source()).collect();
    if causes.iter().any(|cause| cause.is::<NotAllowed>()) {
        return Fault::Lasting(NotAllowed.to_string());
    }
    // The innermost one says what it was, such as a refused connection or an unknown issuer.
    let cause = causes.last().map_or_else(|| error.to_string(), ToString::to_string);
    Fault::passing(format!("the receiver could not be reached: {cause}"))
}
