use std::io::Read;
fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let mut reader = sockbook::python::Reader::new();
    for cell in text.split("#----\n") {
        match reader.read(cell) {
            Ok(reading) => {
                for line in &reading.lines {
                    let mark = line
                        .mark
                        .as_ref()
                        .map_or(String::new(), |m| format!("      <-- {:?} {}", m.kind, m.why.english()));
                    if std::env::var("PLAIN").is_ok() {
                        println!("{}", line.text)
                    } else {
                        println!("{:>3} {}{}", line.from, line.text, mark)
                    }
                }
            }
            Err(mistake) => println!("{mistake:?}"),
        }
    }
}
